#!/bin/sh
# Makes the system user that the units run as. The units are not enabled.
set -e
if command -v systemd-sysusers >/dev/null; then
	systemd-sysusers cognito-confirm.conf
elif ! id cognito-confirm >/dev/null 2>&1; then
	if command -v useradd >/dev/null; then
		useradd --system --user-group --home-dir /var/lib/cognito-confirm --shell /usr/sbin/nologin cognito-confirm
	else
		addgroup -S cognito-confirm
		adduser -S -D -H -h /var/lib/cognito-confirm -s /sbin/nologin -G cognito-confirm cognito-confirm
	fi
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
