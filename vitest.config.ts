import { defineConfig } from 'vitest/config';
import { secondAlonePlugin } from './test/support/second-alone.mjs';

/** Tests that need more than Node.js, or much time. All others are in the project `quick`. */
const apart = {
  databases: ['test/stores/**/!(memory*).test.ts', 'test/recipes/**/*.test.ts'],
  processes: ['test/processes/**/*.test.ts', 'test/examples/**/*.test.ts', 'test/xml/*.libxml2.test.ts'],
  browser: ['test/browser/**/*.test.ts'],
  // They replace modules to count operations, measure time, or wait for the even durations of decryption.
  bounds: [
    'test/bounds/**/*.test.ts',
    'test/saml/{decrypt-assertion,decrypt-operations,even-load}.test.ts',
    'test/security/padding-oracle.test.ts',
    'test/sso/connection-decryption.test.ts',
  ],
  // Each takes many seconds of CPU time. `npm test` leaves them to `npm run test:slow`.
  slow: [
    'test/fuzz/fuzz.test.ts',
    'test/security/{forgeries,genuine,regular-expressions,surgery}.test.ts',
    'test/testing/attack/*.test.ts',
    'test/xml/read.saxes.test.ts',
  ],
};

export default defineConfig({
  test: {
    // The default leaves one core free, which is half of a machine with two.
    maxWorkers: '100%',
    projects: [
      // Files share the modules that they import, which halves the time.
      project('quick', ['test/**/*.test.ts'], { exclude: Object.values(apart).flat(), isolate: false }),
      project('databases', apart.databases, { globalSetup: ['test/support/report-skips.ts'] }),
      project('processes', apart.processes),
      project('browser', apart.browser),
      project('bounds', apart.bounds),
      project('slow', apart.slow),
      // The test build without the strict verifier, over the same messages.
      {
        plugins: [secondAlonePlugin],
        ...project(
          'slow-second',
          [
            'test/security/{forgeries,genuine,signature-wrapping,surgery}.test.ts',
            'test/saml/captures.test.ts',
            'test/xml/signature.test.ts',
            'test/xml/signature-profile.test.ts',
          ],
          { env: { SAML_JIT_SECOND_ALONE: 'true' } },
        ),
      },
    ],
  },
});

interface ProjectOptions {
  readonly exclude?: string[];
  readonly globalSetup?: string[];
  readonly isolate?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

function project(name: string, include: string[], { exclude = [], ...options }: ProjectOptions = {}) {
  return {
    test: {
      name,
      include,
      exclude: ['**/node_modules/**', 'test/bench/**', ...exclude],
      testTimeout: 120_000,
      ...options,
    },
  };
}
