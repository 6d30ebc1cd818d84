import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorsPage } from './errors-page.mjs';

// Writes the tables of docs/errors.md; check-docs.mjs fails if they are stale.
writeFileSync(fileURLToPath(new URL(`../${errorsPage.path}`, import.meta.url)), errorsPage.generated());
