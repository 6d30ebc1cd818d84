import { setImmediate } from 'node:timers/promises';
import {
  type Account,
  type Identity,
  LastRoleHolder,
  SeatLimitReached,
  UserConflict,
  type UserStore,
} from '../../../src/provisioning/user-store.ts';
import type { StoreNeeds, UserStoreUnderTest } from '../../../src/testing/contracts/user-store/under-test.ts';
import { type MemoryBench, memoryBench } from './memory-bench.ts';

type Defect = (bench: MemoryBench, needs: StoreNeeds) => Partial<UserStoreUnderTest<Account>>;

/** A store with one defect, and the case that must catch it. */
interface DefectiveStore {
  readonly setUp: (needs: StoreNeeds) => Promise<UserStoreUnderTest<Account>>;
  readonly caughtBy: string;
}

function defect(caughtBy: string, change: Defect): DefectiveStore {
  const setUp = async (needs: StoreNeeds) => {
    const bench = memoryBench(needs);
    return { ...bench, ...change(bench, needs) };
  };
  return { setUp, caughtBy };
}

/** A defect of some functions of the store. */
function storeDefect(
  caughtBy: string,
  change: (bench: MemoryBench, needs: StoreNeeds) => Partial<UserStore>,
): DefectiveStore {
  return defect(caughtBy, (bench, needs) => ({ store: { ...bench.store, ...change(bench, needs) } }));
}

/** Compares subjects, or e-mails, by what `fold` leaves of them. */
function folding(field: 'subject' | 'email', caughtBy: string, fold: (text: string) => string): DefectiveStore {
  return storeDefect(caughtBy, ({ store }) => ({
    async find(key) {
      const found = await store.find(key);
      const alike = (a: string | null, b: string | null) => a !== null && b !== null && fold(a) === fold(b);
      const all = await store.list(key.organizationId);
      const bySubject = all.find(({ identities }) => identities.some(({ subject }) => alike(subject, key.subject)));
      const byEmail = all.find(({ email }) => alike(email, key.email));
      return field === 'subject'
        ? { ...found, bySubject: found.bySubject ?? bySubject ?? null }
        : { ...found, byEmail: found.byEmail ?? byEmail ?? null };
    },
  }));
}

const withoutAccents = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '');
const withoutAstral = (text: string) => text.replace(/[\u{10000}-\u{10FFFF}]/gu, '?');

export const defects: Readonly<Record<string, DefectiveStore>> = {
  'folds the case of subjects': folding('subject', 'find: subjects that differ in case are two people', (text) =>
    text.toLowerCase(),
  ),
  'ignores accents in subjects': folding(
    'subject',
    'find: subjects that differ in an accent are two people',
    withoutAccents,
  ),
  'pads subjects': folding('subject', 'find: subjects that differ in a trailing space are two people', (text) =>
    text.trimEnd(),
  ),
  'normalizes subjects': folding('subject', 'find: subjects that differ in their Unicode form are two people', (text) =>
    text.normalize(),
  ),
  'knows three bytes of UTF-8 only': folding(
    'subject',
    'find: subjects that differ in an emoji are two people',
    withoutAstral,
  ),
  'indexes 768 characters': folding(
    'subject',
    'find: subjects that differ in the last of 1,024 characters are two people',
    (text) => text.slice(0, 768),
  ),
  'folds letters that are not ASCII in e-mails': folding(
    'email',
    'find, create: e-mails that differ in the case of a letter that is not ASCII are distinct',
    (text) => text.toLowerCase(),
  ),
  'ignores accents in e-mails': folding(
    'email',
    'find, create: e-mails that differ in an accent are distinct',
    withoutAccents,
  ),
  'finds people of other organizations': storeDefect(
    "find: another organization's account is never found by subject",
    ({ store }, { organizations }) => ({
      async find(key) {
        const found = await store.find(key);
        for (const organizationId of organizations) {
          found.bySubject ??= (await store.find({ ...key, organizationId })).bySubject;
        }
        return found;
      },
    }),
  ),
  'finds no tombstones': storeDefect('login: rejects removed and suspended people', ({ store }) => ({
    async find(key) {
      const { bySubject, byEmail } = await store.find(key);
      const living = (user: Account | null) => (user?.status === 'removed' ? null : user);
      return { bySubject: living(bySubject), byEmail: living(byEmail) };
    },
  })),
  'revives whom it should create': storeDefect(
    'create: the e-mail and identity of a removed account are free',
    ({ store }) => ({
      async create(user, guard) {
        const all = await store.list(user.organizationId);
        const gone = all.find(({ status, email }) => status === 'removed' && email === user.email);
        return gone ? store.put({ ...gone, status: 'active' }) : store.create(user, guard);
      },
    }),
  ),
  'counts the seats before it writes': storeDefect(
    'seats: 30 concurrent first logins with 5 seats create exactly 5 accounts',
    ({ store }) => ({
      async create(user, { seats, audit }) {
        const taken = await setImmediate(await store.seatsTaken(user.organizationId));
        if (seats !== null && taken >= seats) throw new SeatLimitReached();
        return store.create(user, { seats: null, audit });
      },
    }),
  ),
  'counts the owners before it writes': storeDefect(
    'last owner: of two concurrent demotions one fails',
    ({ store }) => ({
      async update(user, changes, guard) {
        const all = await store.list(user.organizationId);
        const owners = await setImmediate(all.filter(({ role, status }) => role === 'owner' && status === 'active'));
        if (guard.keepLast !== null && changes.role === 'member' && owners.length < 2) throw new LastRoleHolder();
        return store.update(user, changes, { ...guard, keepLast: null });
      },
    }),
  ),
  'counts owners who cannot log in': storeDefect(
    'last owner: suspended, removed and invited owners, and those of other organizations, do not count',
    ({ store }) => ({
      async update(user, changes, guard) {
        const owners = (await store.list(user.organizationId)).filter(({ role }) => role === 'owner');
        return store.update(user, changes, { ...guard, keepLast: owners.length > 1 ? null : guard.keepLast });
      },
    }),
  ),
  'compares the version before it writes': storeDefect(
    'update: of 10 that read the same state, exactly one is written',
    ({ store }) => ({
      async update(user, changes, { expectedVersion, ...guard }) {
        const current = (await store.list(user.organizationId)).find(({ id }) => id === user.id);
        await setImmediate();
        if (expectedVersion !== undefined && current?.version !== expectedVersion) throw new UserConflict();
        return store.update(user, changes, guard);
      },
    }),
  ),
  'makes a new version with each login': storeDefect(
    'update: each write makes a new version, except a login without changes',
    ({ store }) => ({
      update: (user, changes, guard) =>
        store.update(user, changes, { ...guard, audit: { ...guard.audit, action: 'update' } }),
    }),
  ),
  'writes those who were suspended meanwhile': storeDefect(
    'update: an account that was suspended or removed after the read is a conflict',
    ({ store }) => ({
      async update(user, changes, guard) {
        await store.put({ ...user, status: 'active' });
        return store.update(user, changes, guard);
      },
    }),
  ),
  'writes back the status that it read': storeDefect(
    'suspend, remove: the status is kept, at any moment of an update',
    ({ store }) => ({
      async update(user, changes, guard) {
        const read = (await store.list(user.organizationId)).find(({ id }) => id === user.id);
        if (read?.status !== 'active' && read?.status !== 'invited') throw new UserConflict();
        await setImmediate();
        await store.put({ ...user, status: read.status });
        return store.update(user, changes, guard);
      },
    }),
  ),
  'consumes the invitation of an account that was suspended in the meantime': storeDefect(
    'suspend, remove: the status is kept, at any moment of an update',
    ({ store }) => ({
      async update(user, { status, ...changes }, guard) {
        const written = await store.update(user, changes, guard);
        await setImmediate();
        return status ? store.put({ ...written, status }) : written;
      },
    }),
  ),
  'ignores qualifiers': storeDefect('find: subjects that differ in a NameQualifier are two people', ({ store }) => ({
    async find(key) {
      const found = await store.find(key);
      const all = await store.list(key.organizationId);
      const bySubject = all.find(({ identities }) => identities.some(({ subject }) => subject === key.subject));
      return { ...found, bySubject: found.bySubject ?? bySubject ?? null };
    },
  })),
  'keeps no qualifiers': storeDefect(
    'find: subjects that differ in an SPNameQualifier are two people',
    ({ store }) => ({
      create: (user, guard) => {
        const { nameQualifier: _, spNameQualifier: __, ...identity } = user.identity;
        return store.create({ ...user, identity }, guard);
      },
    }),
  ),
  'joins subject and qualifiers': storeDefect('find: subject and qualifiers are not joined', ({ store }) => ({
    async find(key) {
      const found = await store.find(key);
      const joined = ({ subject, nameQualifier = '', spNameQualifier = '' }: Identity) =>
        `${nameQualifier}!${spNameQualifier}!${subject}`;
      const all = await store.list(key.organizationId);
      const bySubject = all.find(({ identities }) => identities.some((each) => joined(each) === joined(key)));
      return { ...found, bySubject: found.bySubject ?? bySubject ?? null };
    },
  })),
  'clears what is absent': storeDefect('update: the fields that are present, and no others', ({ store }) => ({
    update: (user, changes, guard) => store.update(user, { ...changes, name: changes.name ?? null }, guard),
  })),
  'keeps provenance as it is': storeDefect(
    'update: a field that is written counts as set by the identity provider',
    ({ store }) => ({
      async update(user, changes, guard) {
        const { provenance } = user;
        return store.put({ ...(await store.update(user, changes, guard)), provenance });
      },
    }),
  ),
  'keeps e-mails in lower case': storeDefect(
    'create: an active account with all values that were passed',
    ({ store }) => ({ create: (user, guard) => store.create({ ...user, email: user.email.toLowerCase() }, guard) }),
  ),
  'cuts names at 255 characters': storeDefect(
    'values: a name of 256 letters is stored as sent, or refused',
    ({ store }) => ({
      create: (user, guard) => store.create({ ...user, name: user.name?.slice(0, 255) ?? null }, guard),
    }),
  ),
  'keeps time in seconds': storeDefect('values: the time of a login, to the millisecond', ({ store }) => ({
    update: (user, changes, guard) =>
      store.update(user, { ...changes, lastLoginAt: new Date(changes.lastLoginAt.setMilliseconds(0)) }, guard),
  })),
  'drops empty lists': storeDefect(
    'values: further attributes of any name, with none, one or several values',
    ({ store }) => ({
      create(user, guard) {
        const filled = Object.entries(user.customAttributes).filter(([, values]) => values.length > 0);
        return store.create({ ...user, customAttributes: Object.fromEntries(filled) }, guard);
      },
    }),
  ),
  'merges further attributes': storeDefect('update: further attributes are replaced as a whole', ({ store }) => ({
    update: (user, changes, guard) =>
      store.update(
        user,
        {
          ...changes,
          customAttributes: changes.customAttributes && { ...user.customAttributes, ...changes.customAttributes },
        },
        guard,
      ),
  })),
  'is late by a millisecond': storeDefect('listStale: active users without a login since a time', ({ store }) => ({
    listStale: ({ organizationId, olderThan }) =>
      store.listStale({ organizationId, olderThan: new Date(olderThan.getTime() + 1) }),
  })),
  'names organizations from which the account was removed': storeDefect(
    'organizationsOf: where an e-mail is registered, each once',
    ({ store }, { organizations }) => ({
      async organizationsOf(email) {
        const lists = await Promise.all(organizations.map((id) => store.list(id)));
        return lists.flat().flatMap((user) => (user.email === email.toLowerCase() ? user.organizationId : []));
      },
    }),
  ),
  'writes its audit record before it knows': storeDefect(
    'audit: no record of a refused write',
    ({ store, records }) => ({
      async create(user, guard) {
        const count = records.push(guard.audit);
        const created = await store.create(user, guard);
        records.splice(count - 1, 1);
        return created;
      },
    }),
  ),
  'keeps no record of logins': defect(
    'audit: one record per write, with the values that were passed',
    ({ records }) => ({
      audit: async () => records.filter(({ action }) => action !== 'login'),
    }),
  ),
  'writes in pieces': storeDefect(
    'failure: a create that fails midway writes nothing, and the person can log in again',
    ({ store }) => ({
      async create(user, guard) {
        const { identity, ...fields } = user;
        const { id } = await store.put({ ...fields, identities: [identity] });
        await store.remove(id);
        return store.create(user, guard);
      },
    }),
  ),
  'takes a failure for a conflict': storeDefect(
    'failure: is not reported as a conflict, which would be retried',
    ({ store }) => ({
      create: (user, guard) =>
        store.create(user, guard).catch((error: unknown) => {
          throw error instanceof SeatLimitReached ? error : new UserConflict('something failed');
        }),
    }),
  ),
};
