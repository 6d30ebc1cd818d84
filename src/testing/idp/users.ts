import type { XmlFragment } from '../../xml/write.ts';

/** A user in the directory of a test identity provider. */
export interface TestUser {
  /** Never changes; the NameID if its format is persistent. */
  readonly id: string;
  readonly email?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  /** Display name; default: first and last name. */
  readonly name?: string | undefined;
  readonly role?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  /** Further attributes by Name. */
  readonly attributes?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** NameID instead of the one that `nameIdFormat` implies. */
  readonly nameId?: string | undefined;
}

/** One `<Attribute>` of an assertion (SAML Core 2.7.3.1). */
export interface TestAttribute {
  readonly name: string;
  readonly nameFormat?: string | undefined;
  readonly friendlyName?: string | undefined;
  readonly values: readonly (string | XmlFragment)[];
}

/** Users of one identity provider, by `id`. */
export class Directory {
  readonly #users = new Map<string, TestUser>();

  constructor(users: readonly TestUser[]) {
    for (const user of users) this.add(user);
  }

  get all(): readonly TestUser[] {
    return [...this.#users.values()];
  }

  /** By `id`, else by e-mail. */
  find(idOrEmail: string): TestUser | undefined {
    return this.#users.get(idOrEmail) ?? this.all.find((user) => user.email === idOrEmail);
  }

  add(user: TestUser): void {
    if (this.#users.has(user.id)) throw new TypeError(`there is already a user ${user.id}`);
    this.#users.set(user.id, user);
  }

  update(id: string, changes: Partial<Omit<TestUser, 'id'>>): void {
    const user = this.#users.get(id);
    if (!user) throw new TypeError(`there is no user ${id}`);
    this.#users.set(id, { ...user, ...changes });
  }

  remove(id: string): void {
    if (!this.#users.delete(id)) throw new TypeError(`there is no user ${id}`);
  }
}
