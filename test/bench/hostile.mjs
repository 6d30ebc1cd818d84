import { hostileBodies, hostileFields } from './hostile-bodies.mjs';
import { cpuMillisecondsSince, median } from './measure.mjs';

const runs = 15;

/** CPU milliseconds until each hostile body is refused, the costliest first. */
export async function measureHostile(validate) {
  const fields = Object.entries(hostileBodies).map(([name, xml]) => ({
    name,
    kib: Math.round(Buffer.byteLength(xml) / 1024),
    field: Buffer.from(xml).toString('base64'),
  }));
  for (const [name, field] of Object.entries(hostileFields)) fields.push({ name, kib: '', field });

  const rows = [];
  for (const { name, kib, field } of fields) {
    const code = await refusal(validate, field);
    const spent = [];
    for (let run = 0; run < runs; run++) {
      const begin = process.cpuUsage();
      await refusal(validate, field);
      spent.push(cpuMillisecondsSince(begin));
    }
    rows.push({ name, kib, code, median: median(spent), worst: Math.max(...spent) });
  }
  return rows.sort((a, b) => b.median - a.median);
}

async function refusal(validate, field) {
  try {
    await validate(field);
  } catch (error) {
    if (typeof error.code === 'string') return error.code;
    throw error;
  }
  throw new Error('a hostile body was accepted');
}
