# Makes a cluster, serves it while somebody holds our standard input open, and removes it.
#
# The test process holds the other end of the pipe. However it ends, by a panic or by SIGKILL, the
# pipe closes, `read` fails, and the server is stopped. Commands come in lines, and each is answered
# by one line: a word, then what is to be told.
set -u
trap '' INT HUP TERM
bin=$1 port=$2
shift 2 # what is left are the server's options
folder=$(mktemp -d "${TMPDIR:-/tmp}/throw-away-postgres.XXXXXX") || exit 1
cd "$folder" || exit 1
umask 077

fail() {
    # One line, so that the other side can read it.
    printf 'failed %s\n' "$(tail -n 5 log initdb.log 2>/dev/null | tr '\n' ' ')"
}
start() {
    "$bin/pg_ctl" -D data -l log -w -t 60 \
        -o "-p $port -k $folder -c listen_addresses=127.0.0.1 $options" start >pg_ctl.log 2>&1
}
stop() {
    "$bin/pg_ctl" -D data -m "$1" -w -t 60 stop >>pg_ctl.log 2>&1
}

options=
for option in "$@"; do
    options="$options -c $option"
done
printf '%s' "$PASSWORD" >password
made=no
if "$bin/initdb" -D data -U kleer -A scram-sha-256 --pwfile=password -E UTF8 --locale=C --no-sync \
    >initdb.log 2>&1; then
    if [ -n "${CERTIFICATE:-}" ]; then
        printf '%s' "$CERTIFICATE" >data/server.crt
        printf '%s' "$CERTIFICATE_KEY" >data/server.key
        options="$options -c ssl=on"
    fi
    start && made=yes
fi
rm -f password
if [ "$made" = yes ]; then
    printf 'ready %s\n' "$folder"
    while read -r command; do
        case $command in
        stop-fast) stop fast ;;
        stop-immediate) stop immediate ;;
        start) start ;;
        *) false ;;
        esac
        if [ $? -eq 0 ]; then echo 'done'; else fail; fi
    done
    stop immediate
else
    fail
fi
cd /
rm -rf "$folder"
