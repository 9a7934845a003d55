#!/usr/bin/env bash
# Installs the library into a folder of its own, and there, away from the source tree, builds and runs what a user would:
# the examples against the static and the shared library, wrong calls, pkg-config.
set -euo pipefail
build=$1 source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r "$source/examples" "$folder/examples"
cp "$source/cmake/Aarch64Cross.cmake" "$source/tests/deploy/wrong_calls.c" "$folder"
cd "$folder"

toolchain=()
sve="$build"
if [ "$(uname -m)" != aarch64 ]; then
  toolchain=("-DCMAKE_TOOLCHAIN_FILE=$folder/Aarch64Cross.cmake" "-DCMAKE_FIND_ROOT_PATH=$folder/prefix;/usr/aarch64-linux-gnu")
  sve="$build/sve"
fi
on() {
  local processor=$1
  shift
  if [ ${#toolchain[@]} -eq 0 ]; then "$@"; return; fi
  # The path: else libraries of an arm64 system that is installed beside the cross compiler's are mixed with its own.
  qemu-aarch64 -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH=/usr/aarch64-linux-gnu/lib -cpu "$processor" "$@"
}

echo "== install"
cmake --install "$sve" --prefix "$folder/prefix" --component svetune_kernels >install.log

echo "== symbols"
nm=$(command -v llvm-nm-19 || command -v nm)
for library in "$folder"/prefix/lib*/libsvetune_kernels.{a,so}; do
  option=-g
  [[ $library != *.so ]] || option=-D
  others=$("$nm" "$option" --defined-only "$library" | awk 'NF == 3 {print $3}' | grep -v '^svetune_v1_' || true)
  [ -z "$others" ] || { echo "$library shows more than its interface: $others"; exit 1; }
  needed=$("$nm" "$option" --undefined-only "$library" | awk '$1 == "U" {print $2}' | sed 's/@.*//' |
    grep -vxE 'getauxval|memcpy' || true)
  [ -z "$needed" ] || { echo "$library needs $needed"; exit 1; }
done

echo "== header"
svetune="$build/bin/svetune"
sweep() { "$svetune" sweep --db tuned.db --jobs 1 "$@" >sweep.log 2>&1 || { cat sweep.log; exit 1; }; }
for timer in model:a64fx model:neoverse-v1; do
  sweep --problem 4x64x128,7x33x50 --strategy separate --evals 8 --timer "$timer"
  sweep --problem 4x300x128:softmax --evals 8 --timer "$timer"
done
sweep --problem 4x64x128 --strategy panels --evals 40 --timer model:a64fx  # a winner's call is as short as calls get
"$svetune" export header --db tuned.db -o config/svetune_config.h 2>/dev/null ||
  { mkdir -p config && "$svetune" export header --db tuned.db -o config/svetune_config.h; }
"$svetune" export header --db tuned.db --check config/svetune_config.h

processors=("a64fx 512" "max,sve256=on,sve-default-vector-length=32 256")
for shared in OFF ON; do
  echo "== examples, shared library $shared"
  cmake -S examples -B "build-$shared" -G Ninja "${toolchain[@]}" -DCMAKE_PREFIX_PATH="$folder/prefix" \
    -DCMAKE_BUILD_TYPE=Release -DSVETUNE_SHARED="$shared" -DSVETUNE_CONFIG_DIR="$folder/config" >configure.log 2>&1 ||
    { cat configure.log; exit 1; }
  cmake --build "build-$shared" >build.log 2>&1 || { cat build.log; exit 1; }
  for processor in "${processors[@]}"; do
    on "${processor% *}" "build-$shared/one_call"
    on "${processor% *}" "build-$shared/one_call" 5 70 33
    on "${processor% *}" "build-$shared/heads"
    on "${processor% *}" "build-$shared/heads" 2 5
    on "${processor% *}" "build-$shared/decode"
    on "${processor% *}" "build-$shared/decode" 300 2
  done
done

echo "== wrong calls, found by pkg-config"
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find prefix -name svetune_kernels.pc)")
if command -v pkg-config >/dev/null; then
  read -ra flags < <(pkg-config --cflags --libs svetune_kernels)
else
  read -ra flags <<<"-I$folder/prefix/include -L$folder/prefix/lib -lsvetune_kernels"
fi
compiler=(cc)
[ ${#toolchain[@]} -eq 0 ] || compiler=(aarch64-linux-gnu-gcc)
"${compiler[@]}" -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Werror wrong_calls.c -static "${flags[@]}" -o wrong_calls
"${compiler[@]}" -std=c11 -fopenmp -Wall -Wextra -Wpedantic -Wconversion -Werror "$source/tests/deploy/openmp.c" -static \
  "${flags[@]}" -o openmp
on a64fx ./openmp
for processor in "${processors[@]}"; do on "${processor% *}" ./wrong_calls "${processor#* }"; done
if [ ${#toolchain[@]} -ne 0 ]; then
  on max,sve384=on,sve-default-vector-length=48 ./wrong_calls 0
  on cortex-a57 ./wrong_calls 0
fi
if [ ${#toolchain[@]} -ne 0 ]; then
  echo "== the bits of the deployed call and of the tuned candidate"
  problem=4x64x128
  link_call() {  # link_call LIBRARY PROGRAM
    clang++-19 --target=aarch64-linux-gnu -fuse-ld=lld -static -std=c++20 -O2 "$source/tests/deploy/deployed_call.cpp" \
      "$source"/kernels/runner/{arena,operands,guarded_buffer}.cpp "$source/kernels/reference/reference.cpp" \
      "$source/kernels/space/problem.cpp" -Iconfig -Iprefix/include -I"$source/kernels" "$1" -o "$2"
  }
  library="$(dirname "$PKG_CONFIG_PATH")/libsvetune_kernels.a"
  link_call "$library" deployed_call
  field() { tr '\t' '\n' | sed -n "s/^$1=//p"; }  # field NAME <LINE
  deployed=$(on a64fx ./deployed_call)
  best=$("$svetune" best --db tuned.db --problem $problem --timer model:a64fx --csv | tail -n 1)
  config=$(sed -n 's/.*,\(strategy=[^,]*\),.*/\1/p' < <(echo "$best"))
  request=$(printf '1\t%s\t1\t%s' $problem "$config")  # a call each; O grows by each
  tuned=$(for _ in {1..8}; do printf '%s\n' "$request"; done | on a64fx "$build/bin/svetune-runner" trace | tail -n 1)
  [ "$(field o_hash <<<"$deployed")" = "$(field o_hash <<<"$tuned")" ] ||
    { echo "the bits differ: $deployed; $tuned"; exit 1; }
  echo "$problem, $config: the same bits"

  echo "== a library with this header's micro-kernels alone"
  "$svetune" export instantiations --db tuned.db -o instantiations.txt
  cmake -S "$source/kernels" -B small -G Ninja "${toolchain[@]}" -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF \
    -DSVETUNE_INSTANTIATIONS="$folder/instantiations.txt" >configure.log 2>&1 || { cat configure.log; exit 1; }
  cmake --build small --target svetune_kernels_static >build.log 2>&1 || { tail -n 20 build.log; exit 1; }
  link_call small/libsvetune_kernels.a small_call
  [ "$(on a64fx ./small_call)" = "$deployed" ] || { echo "the small library gives other bits"; exit 1; }
  echo "$(stat -c %s small/libsvetune_kernels.a) bytes, of all $(stat -c %s "$library"): the same bits"
  [ "$(stat -c %s small/libsvetune_kernels.a)" -lt $(($(stat -c %s "$library") / 2)) ]

  echo "== the cycles of the deployed call and of the stored evaluation"
  "$svetune" profile --machine a64fx --symbol deployed_call --json -- ./deployed_call >profile.json 2>profile.log
  python3 - "$(field cycles <<<"$deployed")" profile.json <<'EOF'
import json, sys
stored = float(sys.argv[1])
calls = json.load(open(sys.argv[2]))["calls"]
call = calls[-1]["cycles"]
print(f"{call:.0f} cycles ({calls[-1]['flushes']} flushes), stored {stored:.0f}: {100 * (call / stored - 1):+.1f} %")
sys.exit(abs(call / stored - 1) > 0.02)
EOF
fi
echo "== done"
