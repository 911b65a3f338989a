#!/usr/bin/env bash
# Compiles every kernel to PTX. usage: build.sh FOLDER
#
# The PTX is for sm_80 and says version 7.0, which drivers since CUDA 11.0 take: nvcc writes its own version there, but nothing of the text needs it, which
# ptxas confirms. Comments are left out. The first line names the sources' hash and the compiler: KernelSourcesTest builds again and compares.
set -euo pipefail
export LC_ALL=C # the order of the sources
out=$1
cd "$(dirname "$0")"
sources=$(cat ./*.cu ./*.cuh | sha256sum | cut -d' ' -f1)
compiler=$(nvcc --version | sed -n 's/.*, V\([0-9.]*\)$/\1/p')
mkdir -p "$out"
for source in *.cu; do
    target=$out/${source%.cu}.ptx
    {
        echo "// Made by model-runner/src/main/cuda/build.sh. sources sha256 $sources, nvcc $compiler"
        nvcc -arch=compute_80 -std=c++17 -ptx -o /dev/stdout "$source" |
            sed -e 's/^\.version .*/.version 7.0/' -e '/^[[:space:]]*\/\//d' -e '/^$/d'
    } >"$target"
done
