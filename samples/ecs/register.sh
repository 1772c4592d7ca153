#!/bin/sh
# Makes the role of the tasks, the task definition and the nightly schedule:
# register.sh. Change the account, the pool and the bucket in the files first.
set -eu
dir=$(dirname "$0")
aws iam create-role --cli-input-json "file://$dir/role.json"
aws iam put-role-policy --role-name cognito-confirm --policy-name confirm-users \
	--policy-document "file://$dir/../iam-policy-s3.json"
aws ecs register-task-definition --cli-input-json "file://$dir/task-definition.json"
aws scheduler create-schedule --cli-input-json "file://$dir/schedule.json"
