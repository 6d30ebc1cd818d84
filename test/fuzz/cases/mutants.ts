import { checkClaims } from '../invariants/validating.ts';
import { mutate } from '../mutate.ts';
import type { Case, CaseMaker } from './case.ts';
import { checkFurther } from './further.ts';

/** A genuine message, changed: it is refused, or still says what an identity provider signed. */
export const mutantCase: CaseMaker = (random, name, bench) => {
  const { connections, statistics } = bench;
  // Verifying with the other keys takes longer, and parses nothing else.
  const usual = connections.filter((connection) => ['rsa', 'p256', 'encrypted'].includes(connection.name));
  const connection = random.pick(random.oneIn(2) ? usual : connections);
  const trace: string[] = [];
  const input = mutate(random.pick(connection.valid), random, connection.messages, trace);
  const check: Case['check'] = async (field) => {
    const { options, claims } = connection;
    const { verdict, violation } = await checkClaims(field, options, claims, statistics);
    statistics.mutated(trace, !('code' in verdict));
    return violation ?? (await checkFurther(field, verdict, options, name, bench));
  };
  return { kind: `mutant of ${connection.name}`, trace, input, isField: true, check };
};
