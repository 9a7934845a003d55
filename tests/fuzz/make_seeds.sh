#!/usr/bin/env bash
# Writes the seeds that are no text into FOLDER/database and FOLDER/kernel_image. Usage: make_seeds.sh FOLDER
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
root="$here/../.."
mkdir -p "$1/database" "$1/kernel_image"

# A database is made from the schema: pages of 512 bytes keep it small.
rm -f "$1/database/seed"
{
  printf 'PRAGMA page_size = 512;\n'
  cat "$root"/db/migrations/*.sql "$here/database.sql"
  printf 'PRAGMA application_id = 0x73766574;\nPRAGMA user_version = %s;\n' "$(find "$root/db/migrations" -name '*.sql' | wc -l)"
} | sqlite3 "$1/database/seed"

# A runner is made of a few instructions: a call, a constant, a branch, and the relocations of each.
clang-19 --target=aarch64-linux-gnu -c -x assembler -o "$1/kernel_image/seed" - <<'EOF'
  .section .svetune_text,"ax"
  .globl first
  .type first,@function
first:
  adrp x0, constant
  ldr s0, [x0, :lo12:constant]
  cbz x1, 1f
  bl second
1: ret
  .size first, .-first
  .type second,@function
second:
  b first
  .size second, .-second
  .section .rodata
constant: .word 7
EOF
