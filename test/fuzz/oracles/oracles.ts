import { Libxml2 } from './libxml2.ts';
import { Xmlsec } from './xmlsec.ts';

/** Other implementations, each `null` where it is not installed. saxes is always there. */
export interface Oracles {
  readonly libxml2: Libxml2 | null;
  readonly xmlsec: Xmlsec | null;
}

/** Starts what is installed, and says what is not. @throws Error for a missing one in CI (`CI=true`) */
export async function startOracles(): Promise<Oracles> {
  const oracles = { libxml2: await Libxml2.start(), xmlsec: Xmlsec.start() };
  const missing = [
    ...(oracles.libxml2 === null
      ? ['libxml2 (python3 and libxml2.so): no comparison of trees and canonical forms']
      : []),
    ...(oracles.xmlsec === null ? ['xmlsec1: no comparison of signatures'] : []),
  ];
  if (missing.length > 0 && process.env['CI'] === 'true') throw new Error(`missing ${missing.join('; ')}`);
  for (const what of missing) console.log(`skipping ${what}`);
  return oracles;
}

/** Ends them. */
export function stopOracles({ libxml2, xmlsec }: Oracles): void {
  libxml2?.stop();
  xmlsec?.stop();
}
