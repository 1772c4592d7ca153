#!/bin/sh
# Confirms the users of a CSV in S3 and puts the report beside it:
# confirm-from-s3.sh s3://bucket/users.csv [FLAGS OF run...]
#
# For where the AWS CLI is what may talk to S3. cognito-confirm itself reads and
# writes s3:// and finishes what a killed machine has left behind.
set -u
input=$1
shift
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
base=${input%.gz}
base=${base%.csv}
# The last one is there where the service has an endpoint of its own.
files="report.csv failed.csv malformed.csv report.csv.endpoint"
for name in $files; do
	aws s3 ls "$base.$name" >/dev/null
	case $? in
	0) aws s3 cp --quiet "$base.$name" "$dir/users.$name" && touch "$dir/had.$name" || exit 1 ;;
	1) ;; # there is none yet
	*) exit 1 ;; # nobody knows: a new report must not take the place of an old one
	esac
done
# A pipe has no exit status of its first command: an input that breaks off would
# be taken for a short one.
{ aws s3 cp "$input" - || touch "$dir/broken"; } |
	cognito-confirm run - --report "$dir/users.report.csv" --events none --resume "$@"
status=$?
if [ -e "$dir/broken" ]; then
	echo "$input could not be read to its end" >&2
	[ "$status" = 0 ] && status=1
fi
for name in $files; do
	if [ -e "$dir/users.$name" ]; then
		aws s3 cp --quiet "$dir/users.$name" "$base.$name"
	elif [ -e "$dir/had.$name" ]; then # all its rows have succeeded since
		aws s3 rm --quiet "$base.$name"
	fi || [ "$status" != 0 ] || status=1
done
if [ "$status" != 0 ] && [ -e "$dir/users.report.csv" ]; then
	echo "report: $base.report.csv; failed rows and malformed records, if any: $base.failed.csv, $base.malformed.csv"
	echo "in place of the commands above, run this script again: it does the rest, and with --retry-failed the failed rows too"
fi >&2
exit "$status"
