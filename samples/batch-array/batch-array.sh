#!/bin/sh
# Confirms the users in /data/users.csv, on a file system that all tasks share, in
# four tasks of an AWS Batch array job, and puts their reports together when all
# of them are done: batch-array.sh JOB-QUEUE
#
# batch-array.json has which exit statuses are worth another attempt: those from
# 1 on (stopped, interrupted, killed), and none of 2, 3 and 4. Users that fail are
# no reason for the merge not to begin: hence --allow-failed-rows. The merge ends
# with 3 then, after it has written the report. The image of a release has the
# program for its entry point: commands are its arguments.
set -eu
shards=4
definition=$(dirname "$0")/batch-array.json
aws batch register-job-definition --cli-input-json "file://$definition"
tasks=$(aws batch submit-job --job-name confirm-users --job-definition confirm-users --job-queue "$1" \
	--array-properties "size=$shards" --query jobId --output text)
reports=
i=0
while [ "$i" -lt "$shards" ]; do
	# The number is as wide as that of the shards.
	reports=$reports,/data/users.shard-$(printf "%0${#shards}d" "$i")-of-$shards.report.csv
	i=$((i + 1))
done
aws batch submit-job --job-name merge-users --job-definition confirm-users --job-queue "$1" --depends-on "jobId=$tasks" \
	--container-overrides "command=merge,/data/users.csv$reports,--report,/data/users.report.csv,--overwrite"
