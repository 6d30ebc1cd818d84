import { rmSync } from 'node:fs';

// `rm -rf` that also works on Windows.
for (const path of process.argv.slice(2)) rmSync(path, { recursive: true, force: true });
