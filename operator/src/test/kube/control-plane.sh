#!/usr/bin/env bash
# Builds a Kubernetes control plane for the operator's tests: kube-apiserver and kube-controller-manager 1.20 from Debian 12's own source
# package with Debian's Go, and Debian's etcd. Installs nothing; needs apt with Debian 12's sources, and dpkg-dev. Does nothing when all is
# there already. About five minutes on two cores.
# Usage: control-plane.sh [FOLDER]   (default: $BARN_KUBE, else ~/.cache/barnraiser/kube)
set -euo pipefail
out=${1:-${BARN_KUBE:-$HOME/.cache/barnraiser/kube}}
programs="kube-apiserver kube-controller-manager"
mkdir -p "$out"
out=$(realpath "$out")
complete=yes
for program in etcd $programs; do [ -x "$out/$program" ] || complete=; done
[ -z "$complete" ] || exit 0

for tool in apt-get dpkg-source; do
    command -v "$tool" >/dev/null || { echo "control-plane.sh: $tool is missing." >&2; exit 1; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/barn-kube.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir -p "$work"/apt/{parts,lists/partial,cache/archives/partial} "$work"/{root,home}
cd "$work"
# Debian's own sources alone, those of source packages included, beside what this machine has configured.
for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -f "$file" ] || ! grep -q 'debian\.org/debian' "$file" ||
        sed 's/^Types: *deb *$/Types: deb deb-src/' "$file" >"apt/parts/$(basename "$file")"
done
[ ! -f /etc/apt/sources.list ] ||
    sed -n 's/^deb \(.*debian\.org\/debian.*\)/deb \1\ndeb-src \1/p' /etc/apt/sources.list >apt/parts/main.list
apt_options=(-oDir::Etc::SourceList=/dev/null "-oDir::Etc::SourceParts=$work/apt/parts" "-oDir::State::Lists=$work/apt/lists"
    "-oDir::Cache=$work/apt/cache" -oDir::State::status=/dev/null -oAPT::Sandbox::User="$(id -un)")
apt-get "${apt_options[@]}" -q update >/dev/null
apt-get "${apt_options[@]}" -qq source --download-only kubernetes >/dev/null
apt-get "${apt_options[@]}" -qq download golang-1.19-go golang-1.19-src etcd-server golang-github-modern-go-reflect2-dev >/dev/null
for package in *.deb; do dpkg -x "$package" root; done
dpkg-source --no-check -x kubernetes_*.dsc src >/dev/null

# The vendored reflect2 1.0.1 crashes with Go 1.18 and newer; Debian has 1.0.2.
reflect=src/vendor/github.com/modern-go/reflect2
find $reflect \( -name '*.go' -o -name '*.s' \) -delete
cp root/usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} $reflect/

mkdir -p src/.go/src/k8s.io
ln -s ../../.. src/.go/src/k8s.io/kubernetes
export GOROOT=$work/root/usr/lib/go-1.19 GOPATH=$work/src/.go GOCACHE=$work/gocache HOME=$work/home
export PATH=$GOROOT/bin:$PATH GOPROXY=off GO111MODULE=off CGO_ENABLED=0
unset GOFLAGS
cd src/.go/src/k8s.io/kubernetes
# Of all that the source's own Makefile generates, only the API's description is missing from the package.
go build -p 2 -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
described=$(grep -rl --include='*.go' '+k8s:openapi-gen=' cmd pkg \
    vendor/k8s.io/{api,apimachinery,apiextensions-apiserver,kube-aggregator,client-go,component-base,metrics}/ \
    vendor/k8s.io/{kube-controller-manager,kube-scheduler,kubelet,kube-proxy,cloud-provider}/ |
    grep -v _test.go | xargs -n1 dirname | LC_ALL=C sort -u |
    sed 's|^vendor/||; s|^\(cmd\|pkg\)/|k8s.io/kubernetes/&|' | paste -sd,)
"$work/openapi-gen" -O zz_generated.openapi -i "$described" -p k8s.io/kubernetes/pkg/generated/openapi \
    -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$work/report" --output-base "$work/src/.go/src" >/dev/null
version=k8s.io/component-base/version
mkdir "$work/bin"
go build -p 2 -ldflags "-s -w -X $version.gitVersion=v1.20.2 -X $version.gitMajor=1 -X $version.gitMinor=20" \
    -o "$work/bin/" ./cmd/kube-apiserver ./cmd/kube-controller-manager
cp "$work/root/usr/bin/etcd" "$work/bin/"
for program in etcd $programs; do
    cp "$work/bin/$program" "$out/$program.new"
    mv "$out/$program.new" "$out/$program"
done
