package main

import (
	"fmt"
	"strings"

	"cognito-confirm/internal/flags"
	"cognito-confirm/worker"
)

// The variables in which schedulers tell a process which of several it is.
const (
	batchIndex      = "AWS_BATCH_JOB_ARRAY_INDEX" // AWS Batch, in an array job
	batchCount      = "AWS_BATCH_JOB_ARRAY_SIZE"
	kubernetesIndex = "JOB_COMPLETION_INDEX" // Kubernetes, in an Indexed Job
)

// parseShard reads --shard: I/N, or auto where a scheduler has it.
func parseShard(env []string) func(text string) (worker.Shard, error) {
	return func(text string) (shard worker.Shard, err error) {
		if count, isPair := strings.CutPrefix(text, "auto/"); isPair || text == "auto" {
			text, err = scheduledShard(env, count, isPair)
		}
		if err != nil {
			return shard, err
		}
		return worker.ParseShard(text)
	}
}

// scheduledShard returns the text of the shard that this process is to do. Kubernetes
// does not tell how many there are, so a count may be given. Values that contradict
// each other are refused: the wrong one would leave out users.
func scheduledShard(env []string, count string, isGiven bool) (string, error) {
	index, size, completion := flags.ValueOf(env, batchIndex), flags.ValueOf(env, batchCount), flags.ValueOf(env, kubernetesIndex)
	switch {
	case (index == "") != (size == ""):
		return "", fmt.Errorf("of %s and %s one is set and one is not", batchIndex, batchCount)
	case isGiven && size != "" && size != count:
		return "", fmt.Errorf("auto/%s contradicts %s, which is %s", count, batchCount, size)
	case index != "" && completion != "" && index != completion:
		return "", fmt.Errorf("%s is %s, and %s is %s", batchIndex, index, kubernetesIndex, completion)
	case index != "":
		return index + "/" + size, nil
	case !isGiven && completion != "":
		return "", fmt.Errorf("auto needs %s and %s; %s does not tell how many shards there are: give auto/N", batchIndex, batchCount, kubernetesIndex)
	case !isGiven:
		return "", fmt.Errorf("auto needs %s and %s, which an AWS Batch array job sets", batchIndex, batchCount)
	case completion == "":
		return "", fmt.Errorf("auto/%s needs %s, which a Kubernetes Indexed Job sets, or %s", count, kubernetesIndex, batchIndex)
	}
	return completion + "/" + count, nil
}
