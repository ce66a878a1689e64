#!/bin/sh
# Within a container ALMA listens on every address of it, which it refuses without authentication. Where the port is
# published on the host's loopback address only, that is as closed as `alma serve` without a container: then, and only
# when nothing was said about keys, it is allowed.
set -eu

if [ "${ALMA_PUBLISHED_ON:-}" = 127.0.0.1 ] \
    && [ -z "${ALMA_API_KEY:-}${ALMA_API_KEYS:-}${ALMA_AUTH_ENABLED:-}" ]; then
    echo "No ALMA_API_KEY: whoever reaches this host's loopback address may do everything." >&2
    export ALMA_AUTH_ENABLED=false
fi
exec "$@"
