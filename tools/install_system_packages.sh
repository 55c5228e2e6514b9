#!/bin/sh
# Install the Debian packages named that are not there yet; where that is not allowed, say which are missing.
set -eu

missing=""
for package in "$@"; do
  case "$package" in
    chromium) command -v chromium >/dev/null 2>&1 || missing="$missing chromium fonts-noto-cjk" ;;
    postgresql) ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql" ;;
    *) dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing$missing"
  apt-get update -qq
  # shellcheck disable=SC2086 - a list of names
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "These system packages are needed and not installed:$missing"
  echo "Install them, for example: sudo apt-get install$missing"
  exit 1
fi
