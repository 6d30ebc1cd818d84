// Replaces the strict verifier in the compiled fuzzer: the second one alone decides about signatures.
import { readFileSync, writeFileSync } from 'node:fs';
import { secondAlone } from '../support/second-alone.mjs';

const file = '.tmp/fuzz-second/src/xml/signature.js';
writeFileSync(file, secondAlone(readFileSync(file, 'utf8'), 'js'));
