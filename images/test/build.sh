#!/bin/sh
# Builds the images the tests and the README tour run, from a static busybox, the machine's or Debian's: nothing is pulled.
#   krill-test/web:1, :2  an HTTP server on 8080 that answers its host name and version (VERSION in the environment too)
#   krill-test/store:1    a key-value store over HTTP on 6379: GET /cgi-bin/get?KEY, POST /cgi-bin/set?KEY
# Idempotent: an image made from the same inputs is left alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
engine=${DOCKER:-docker}
busybox=${BUSYBOX:-}
if [ -z "$busybox" ]; then
  for candidate in /usr/bin/busybox /bin/busybox; do
    if [ -x "$candidate" ] && ! ldd "$candidate" >/dev/null 2>&1; then busybox=$candidate; break; fi
  done
fi
# Debian's package unpacked beside the sources; nothing is installed.
fetch() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 0
  kept=$here/../../.cache/busybox-static
  if [ ! -x "$kept/bin/busybox" ] && [ ! -x "$kept/usr/bin/busybox" ]; then
    rm -rf "$kept" && mkdir -p "$kept"
    (
      cd "$kept"
      apt-get download -qq busybox-static >/dev/null 2>&1 || { apt-get update -qq && apt-get download -qq busybox-static; } >&2 || exit 0
      dpkg-deb -x busybox-static_*.deb .
    )
  fi
  for candidate in "$kept/usr/bin/busybox" "$kept/bin/busybox"; do [ -x "$candidate" ] && busybox=$candidate && break; done
  return 0
}
[ -n "$busybox" ] || fetch
[ -n "$busybox" ] || { echo "images/test: no static busybox on this machine (Debian: apt-get install busybox-static)" >&2; exit 1; }
inputs=$(cat "$busybox" "$0" "$here"/*.cgi "$here"/*.start | sha256sum | cut -c1-16)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build NAME VERSION START-SCRIPT CGI...
build() {
  name=$1 version=$2 start=$3
  shift 3
  have=$("$engine" image inspect --format '{{ index .Config.Labels "krill-test.inputs" }}' "$name:$version" 2>/dev/null || true)
  [ "$have" = "$inputs" ] && return 0
  root=$work/$name-$version
  mkdir -p "$root/bin" "$root/etc" "$root/tmp" "$root/proc" "$root/www/cgi-bin" "$root/data"
  chmod 1777 "$root/tmp" "$root/data"
  cp "$busybox" "$root/bin/busybox"
  for applet in $("$busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
  printf 'root:x:0:0:root:/:/bin/sh\nweb:x:1000:1000:web:/:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\nweb:x:1000:\n' >"$root/etc/group"
  install -m 755 "$here/$start" "$root/bin/start"
  for cgi; do install -m 755 "$here/$cgi" "$root/www/cgi-bin/${cgi%.cgi}"; done
  tar -C "$root" -cf - . | "$engine" import \
    --change 'CMD ["/bin/start"]' --change "ENV PATH=/bin VERSION=$version" --change "LABEL krill-test.inputs=$inputs" \
    - "$name:$version" >/dev/null
  echo "built $name:$version"
}

build krill-test/web 1 web.start answer.cgi
build krill-test/web 2 web.start answer.cgi
build krill-test/store 1 store.start get.cgi set.cgi
