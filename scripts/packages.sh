# shellcheck shell=bash
# The packages that are needed from Debian 12, and how they are installed: only what is missing, and
# without using the network if nothing is. Sourced by ./dev.

packages_to_run=(
  g++ cmake ninja-build ccache
  libcaf-dev libboost1.81-dev libboost-url1.81-dev
  rapidjson-dev libexpected-dev libsqlite3-dev libpq-dev libhiredis-dev libicu-dev libssl-dev zlib1g-dev libjemalloc-dev
  libcli11-dev libtomlplusplus-dev libspdlog-dev libfmt-dev prometheus-cpp-dev
)
packages_to_test=(
  catch2 libbenchmark-dev clang clang-format clang-tidy libclang-rt-14-dev
  python3 python3-socketio python3-redis python3-requests python3-websocket python3-aiohttp
  curl openssl dpkg-dev valgrind postgresql-15 redis-server
  chromium nginx-light haproxy prometheus
  man-db mandoc zsh fish systemd
)
# The packages that ./dev package needs to build and check those of Hubbub.
packages_to_package=(
  dpkg-dev debhelper debootstrap lintian xz-utils systemd systemd-sysv curl iproute2 man-db procps
)
# The packages that bench/peers needs, besides its npm packages.
packages_to_compare=(
  python3 python3-flask-socketio python3-gevent python3-gevent-websocket
  python3-socketio uvicorn python3-uvloop python3-httptools python3-websockets
)

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "these must be installed first, by someone who may: ${missing[*]}"
  fi
}

# Debian starts a server once it is installed, on its default port, unless this file forbids it.
# Tests start the servers that they need themselves.
service_guard=/usr/sbin/policy-rc.d

# install_packages GUARD PACKAGE…, for root: with a guard of its own if there is none, which is
# removed afterwards, whatever happens.
install_packages() {
  local guard=$1
  shift
  if [[ ! -e $guard && ! -L $guard ]]; then
    # shellcheck disable=SC2064 # the name of now
    trap "rm -f '$guard'" EXIT
    trap 'exit 130' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$guard" && chmod 755 "$guard" || return
  fi
  apt-get -qq update &&
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
      -o Dpkg::Use-Pty=0 install "$@" >/dev/null
}

need_packages() {
  local package missing=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  if ((${#missing[@]})); then
    echo "installing: ${missing[*]}"
    as_root bash -c "$(declare -f install_packages); install_packages \"\$@\"" install \
      "$service_guard" "${missing[@]}" ||
      fail "the packages could not be installed"
  fi
}

# A Node.js that is already installed is used as it is; Debian's own is 18.
need_node() {
  local missing=()
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm ca-certificates)
  ((${#missing[@]} == 0)) || need_packages "${missing[@]}"
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  ((major >= 18)) || fail "Node.js 18 or newer is needed, and $(command -v node) is $(node --version)"
}

# need_npm_packages [FOLDER]: installs what its lockfile names.
need_npm_packages() {
  local folder=${1:-.}
  need_node
  cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed-lock" && return
  echo "installing npm packages"
  (cd "$folder" &&
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null &&
    cp package-lock.json node_modules/.installed-lock) ||
    fail "the npm packages could not be installed"
}
