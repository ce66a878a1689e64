#!/bin/bash
# First start on an empty PGDATA: make a cluster, the user, the database, and run what lies in
# /docker-entrypoint-initdb.d. Every later start finds PG_VERSION and only starts the server.
set -euo pipefail

refuse() {
    printf 'Error: %s\n' "$*" >&2
    exit 1
}

# NAME, or else the content of the file that NAME_FILE names, or else the default.
take() {
    local name=$1 file_name="${1}_FILE" value=${2:-}
    if [[ -n ${!name:-} && -n ${!file_name:-} ]]; then
        refuse "$name and $file_name exclude each other"
    fi
    if [[ -n ${!name:-} ]]; then
        value=${!name}
    elif [[ -n ${!file_name:-} ]]; then
        value=$(<"${!file_name}")
    fi
    export "$name=$value"
    unset "$file_name"
}

read_settings() {
    take POSTGRES_PASSWORD
    take POSTGRES_USER postgres
    take POSTGRES_DB "$POSTGRES_USER"
    take POSTGRES_INITDB_ARGS
    : "${POSTGRES_HOST_AUTH_METHOD:=}"
}

has_cluster() { [[ -s $PGDATA/PG_VERSION ]]; }

demand_password() {
    if [[ -z $POSTGRES_PASSWORD && $POSTGRES_HOST_AUTH_METHOD != trust ]]; then
        refuse 'Database is uninitialized and superuser password is not specified.' \
            'Set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE to a non-empty value, or' \
            'POSTGRES_HOST_AUTH_METHOD=trust to let everybody in without one.'
    fi
}

drop_privileges() {
    install -d -o postgres -g postgres -m 0700 "$PGDATA"
    find "$PGDATA" \! -user postgres -exec chown postgres {} +
    export HOME=/var/lib/postgresql
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
}

make_cluster() {
    local options=(--username="$POSTGRES_USER" --auth=trust)
    # shellcheck disable=SC2206  # several options in one variable, as documented
    options+=($POSTGRES_INITDB_ARGS)
    if [[ -n $POSTGRES_PASSWORD ]]; then
        initdb --pgdata="$PGDATA" "${options[@]}" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")
    else
        initdb --pgdata="$PGDATA" "${options[@]}"
    fi
    printf 'host all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" \
        >>"$PGDATA/pg_hba.conf"
}

sql() { psql --set=ON_ERROR_STOP=1 --no-psqlrc --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" "$@"; }

make_database() {
    [[ $POSTGRES_DB == postgres ]] ||
        createdb --username="$POSTGRES_USER" --maintenance-db=postgres -- "$POSTGRES_DB"
}

# What isn't executable is read into this shell, with its variables and functions.
run_script() {
    # shellcheck source=/dev/null
    if [[ -x $1 ]]; then "$1"; else . "$1"; fi
}

run_init_scripts() {
    local script
    for script in /docker-entrypoint-initdb.d/*; do
        case $script in
        *.sh) run_script "$script" ;;
        *.sql) sql --file="$script" ;;
        *.sql.gz) gunzip --stdout "$script" | sql ;;
        esac
    done
}

initialise() {
    demand_password
    make_cluster
    # Nobody outside may talk to a half-made server: it listens on its Unix socket alone.
    pg_ctl --pgdata="$PGDATA" --wait --options="-c listen_addresses=''" start
    make_database
    run_init_scripts
    pg_ctl --pgdata="$PGDATA" --wait --mode=fast stop
}

case "${1:-}" in
-*) set -- postgres "$@" ;;
esac
if [[ ${1:-} == postgres ]]; then
    read_settings
    if [[ $(id -u) == 0 ]]; then drop_privileges "$@"; fi
    has_cluster || initialise
    unset POSTGRES_PASSWORD
fi
exec "$@"
