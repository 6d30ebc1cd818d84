import { z } from 'zod';
import { invalidOption } from '../../configuration-error.ts';
import { configurationError, fromZod } from '../../connections/issues.ts';
import { accountFields } from './columns.ts';

const aFunction = z.custom((value) => typeof value === 'function', 'must be a function').optional();
const isColumn = (value: unknown) =>
  (typeof value === 'object' && value !== null) || (typeof value === 'string' && value !== '');
const column = z.custom(isColumn, 'must be the name of a column, or for some fields an expression { read, write }');
const requiredColumns: readonly string[] = ['id', 'organizationId', 'email'];
const columns = accountFields.map((field) => [field, requiredColumns.includes(field) ? column : column.optional()]);

const users = z.strictObject({
  table: z.string().min(1),
  idType: z.string().optional(),
  columns: z.strictObject(Object.fromEntries(columns)),
  insert: z.record(z.string(), z.string()).optional(),
});

// One list for all functions of a database, so that they can be given one object.
const options = z.strictObject({
  prefix: z.string().optional(),
  users: users.optional(),
  oneAccountPerEmail: z.boolean().optional(),
  countsAsSeat: z.string().optional(),
  newId: aFunction,
  roles: z.array(z.string()).optional(),
  auditLogins: z.boolean().optional(),
  decide: aFunction,
  now: aFunction,
});

const keys = {
  '': Object.keys(options.shape),
  users: Object.keys(users.shape),
  'users.columns': accountFields,
};

/** Checks options for mistakes that only TypeScript would detect. @throws ConfigurationError that lists all */
export function expectStoreOptions(value: unknown): void {
  const { error } = options.safeParse(value, { reportInput: true });
  if (error) throw configurationError('invalid options of the store', fromZod(error.issues, keys));
}

/** @throws ConfigurationError for a client without one of the functions; `expected` describes the client */
export function expectClient(client: unknown, methods: readonly string[], expected: string): void {
  // Some clients are functions with properties.
  const isClient =
    (typeof client === 'function' || (typeof client === 'object' && client !== null)) &&
    methods.every((name) => typeof Reflect.get(client, name) === 'function');
  if (!isClient) throw invalidOption(['client'], `must be ${expected}`);
}
