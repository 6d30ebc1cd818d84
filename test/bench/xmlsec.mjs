import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * libxmlsec1 in C, where its headers and a compiler are installed: it parses and verifies, and does nothing else.
 *
 * @returns {{ rate(messages: readonly string[], cpuMs: number): number, remove(): void } | null}
 */
export function buildXmlsec() {
  const folder = mkdtempSync(join(tmpdir(), 'saml-jit-bench-'));
  const remove = () => rmSync(folder, { recursive: true });
  const program = join(folder, 'xmlsec-verify');
  try {
    const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'xmlsec1-openssl'], { stdio: 'pipe' }).toString();
    execFileSync('cc', ['-O2', here('xmlsec-verify.c'), '-o', program, ...flags.trim().split(/\s+/)], {
      stdio: 'pipe',
    });
  } catch {
    remove();
    return null;
  }
  const rate = (messages, cpuMs) => {
    const files = messages.map((message, n) => {
      const file = join(folder, `${n}.xml`);
      writeFileSync(file, Buffer.from(message, 'base64'));
      return file;
    });
    return Number(execFileSync(program, [here('idp-certificate.pem'), String(cpuMs), ...files]).toString());
  };
  return { rate, remove };
}
