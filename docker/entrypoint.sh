#!/bin/sh
# Runs one part of the product: web, worker QUEUE, beat, roles, migrate or bank; anything else is run as it is.
set -eu
cd "$(dirname "$0")/.."

part="${1:-web}"
[ $# -gt 0 ] && shift
# The health check asks which part this container is.
echo "$part" > "${TMPDIR:-/tmp}/qinqing-part"
# Workers and beat touch it while they live.
export QINQING_HEARTBEAT="${TMPDIR:-/tmp}/qinqing-heartbeat"

case "$part" in
  web)
    # Who came (as the proxy says), for what and with which answer; never what was searched for, which may be a name.
    line='%(t)s %({x-forwarded-for}i)s %(m)s %(U)s %(s)s %(b)s %(D)s'
    exec gunicorn qinqing.wsgi:application --bind "0.0.0.0:${PORT:-8000}" \
      --no-control-socket --worker-class gthread --workers "${WEB_WORKERS:-2}" --threads "${WEB_THREADS:-8}" \
      --access-logfile - --access-logformat "$line" "$@"
    ;;
  worker)
    queue="${1:?name the queue: match, click, pay, reply or pull}"
    shift
    exec celery --app qinqing worker --queues "$queue" --hostname "$queue@%h" \
      --concurrency "${WORKER_PROCESSES:-2}" --loglevel INFO "$@"
    ;;
  beat)
    exec celery --app qinqing beat --schedule "${TMPDIR:-/tmp}/celerybeat-schedule" --pidfile= --loglevel INFO "$@"
    ;;
  roles)
    exec python manage.py roles "$@"
    ;;
  migrate)
    exec python manage.py migrate --no-input "$@"
    ;;
  bank)
    exec python -m qinqing.bank_simulator --host 0.0.0.0 --port "${PORT:-8100}" --books "${BOOKS:-/books/books.sqlite}" "$@"
    ;;
  *)
    exec "$part" "$@"
    ;;
esac
