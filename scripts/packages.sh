# shellcheck shell=bash
# What Debian 12 must bring, and how it is installed: only what is missing, and without a word to
# the network when nothing is. Sourced by ./dev.

packages_to_run=(
  g++ cmake ninja-build ccache
  libcaf-dev libboost1.81-dev libboost-url1.81-dev
  rapidjson-dev libexpected-dev libsqlite3-dev libpq-dev libicu-dev libssl-dev zlib1g-dev libjemalloc-dev
  libcli11-dev libtomlplusplus-dev libspdlog-dev libfmt-dev prometheus-cpp-dev
)
packages_to_test=(
  catch2 libbenchmark-dev clang clang-format clang-tidy libclang-rt-14-dev
  python3 python3-socketio python3-requests python3-websocket python3-aiohttp
  curl openssl dpkg-dev valgrind postgresql-15
  chromium
)
# What bench/peers is made of, beside its npm packages.
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

need_packages() {
  local package missing=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  if ((${#missing[@]})); then
    echo "installing: ${missing[*]}"
    as_root apt-get -qq update &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o Dpkg::Use-Pty=0 install "${missing[@]}" >/dev/null ||
      fail "the packages could not be installed"
  fi
}

# A Node.js that is already there is used as it is; Debian's own is 18.
need_node() {
  local missing=()
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm ca-certificates)
  ((${#missing[@]} == 0)) || need_packages "${missing[@]}"
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  ((major >= 18)) || fail "Node.js 18 or newer is needed, and $(command -v node) is $(node --version)"
}

# need_npm_packages [FOLDER]: what its lockfile names.
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
