#!/bin/sh
# Before nginx starts: fill in /etc/nginx/templates/*.template, then run /docker-entrypoint.d/*.sh.
set -eu

fill_in_templates() {
    known=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')
    for template in /etc/nginx/templates/*.template; do
        [ -f "$template" ] || continue
        envsubst "$known" <"$template" >"/etc/nginx/conf.d/$(basename "$template" .template)"
    done
}

run_extensions() {
    for extension in /docker-entrypoint.d/*.sh; do
        [ -x "$extension" ] || continue
        "$extension"
    done
}

case "${1:-}" in
nginx | nginx-debug)
    fill_in_templates
    run_extensions
    ;;
esac
exec "$@"
