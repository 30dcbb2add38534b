# What all scripts share: they stop at the first failure, and run in the repository's root folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
