#!/bin/bash
# Finding: HAProxy answers 503 after three seconds though another server is healthy, unless it is told to go there.
#
# Packages: haproxy 2.6 of Debian 12, with python3 and curl.
#
# One would guess: a server refuses the connection, as one does that has just been killed. Nothing of the request has been
# sent, so HAProxy sends it to the other server of the same backend, as nginx does by default.
#
# What happens: until two or three health checks have failed, HAProxy connects to the same server again, three times with
# a second between them, and answers 503. Only with `option redispatch` it takes the other server, and then at once.
set -u
folder=$(mktemp -d) || exit 2
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' haproxy 2>/dev/null)
case $version in
  2.6.*) echo "haproxy $version" ;;
  *) echo "this needs haproxy 2.6 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac

cat >server.py <<'P'
import http.server
import sys

class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    address_string = log_message = lambda *_: ""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
with open(sys.argv[1], "w") as file:
    file.write(f"{server.server_address[1]}\n")
server.serve_forever()
P
# serve NAME: starts a server, whose port is in the file of that name.
serve() {
  rm -f "$1"
  /usr/bin/python3 server.py "$1" 2>server.log &
  until [ -s "$1" ]; do sleep 0.1; done
}
serve alive

changed=0
# try LINE STATUS SECONDS: with this line in the backend, the request that is for the server that is gone is answered with
# this status, after so many whole seconds.
try() {
  serve gone
  local gone=$!
  cat >haproxy.cfg <<C
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend all
  bind unix@$folder/front.sock
  default_backend servers
backend servers
  balance roundrobin
  $1
  server gone 127.0.0.1:$(<gone) check inter 10s fall 3
  server alive 127.0.0.1:$(<alive) check inter 10s fall 3
C
  rm -f front.sock
  /usr/sbin/haproxy -f haproxy.cfg -db >haproxy.log 2>&1 &
  local proxy=$! slowest="" took status
  until curl -so /dev/null --unix-socket front.sock http://x/; do sleep 0.1; kill -0 $proxy || { cat haproxy.log; exit 2; }; done
  kill $gone
  wait $gone 2>/dev/null
  # Of two requests one is for each server.
  for _ in 1 2; do
    read -r status took < <(curl -so /dev/null -w '%{http_code} %{time_total}\n' --unix-socket front.sock http://x/)
    [[ -n $slowest && ${took%.*} -lt ${slowest#* } ]] || slowest="$status ${took%.*}"
  done
  kill $proxy
  wait $proxy 2>/dev/null
  local note=""
  [ "$slowest" = "$2 $3" ] || { note="   (has changed)"; changed=1; }
  printf '%-24s | status and whole seconds: %s%s\n' "${1:-no option}" "$slowest" "$note"
}
try "" 503 3
try "option redispatch" 200 0
[ $changed -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $changed
