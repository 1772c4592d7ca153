#!/bin/sh
# Confirms the users in every users-YYYY-MM-DD.csv of a directory: nightly.sh DIR
#
# A file that is done costs no call. One whose run was killed is finished. With
# --fail-on new, rows that failed in an earlier night are not told again.
set -u
cd "$1" || exit 2
said=$(mktemp) || exit 1
trap 'rm -f "$said"' EXIT
worst=0
for input in users-????-??-??.csv; do
	if [ ! -e "$input" ]; then
		echo "no users-YYYY-MM-DD.csv in $1"
		exit 2
	fi
	echo "$(date +%FT%T) $input" >>nightly.log
	cognito-confirm run "$input" --resume --fail-on new --progress none 2>"$said"
	status=$?
	cat "$said" >>nightly.log
	name=${input%.csv}
	case $status in
	0) continue ;;
	1 | 130 | 143) echo "$input: stopped early, the next night goes on" ;;
	2) echo "$input: did not run" ;;
	3) echo "$input: rows did not succeed, see $name.failed.csv" ;;
	4) echo "$input: another run still does it" ;;
	*) echo "$input: exit status $status" ;;
	esac
	cat "$said"
	[ "$status" -gt "$worst" ] && worst=$status
done
exit "$worst"
