# What the scripts share: they stop at the first failure, in the repository's own folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
