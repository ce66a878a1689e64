#!/bin/sh
# Options alone mean haproxy. It stays in the foreground (-db) as a master with workers (-W), so a
# SIGUSR2 reloads the configuration.
set -eu

case "${1:-}" in
-*) set -- haproxy "$@" ;;
esac
if [ "${1:-}" = haproxy ]; then
    shift
    set -- haproxy -W -db "$@"
fi
exec "$@"
