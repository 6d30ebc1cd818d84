import { type BegunAttempt, beginAt, cookiesAfter, expectResponse, type Handler, overHttp } from './browser.ts';
import { type Delivery, type Forgery, postFields, type Reaction, type Who } from './forgery.ts';
import { clearModes, type ForgeryMaterial, forgeryMaterial, type SigningMode, signingModes } from './material.ts';
import type { AttackOptions, Attempt } from './options.ts';

/** The response of the application, and who is signed in after it. */
interface Answer {
  readonly name: string | null;
  /** `null` if it threw `error`. */
  readonly status: number | null;
  readonly location: string | null;
  readonly body: string;
  readonly headers: string;
  readonly error?: unknown;
}

/** An attempt and its evaluation. */
export interface EvaluatedAttempt extends Attempt {
  /** The attack succeeded. */
  readonly succeeded: boolean;
  /** The response contains text that it must not contain. */
  readonly repeats: boolean;
}

/** One run against one application. */
export class Run {
  readonly #options: AttackOptions;
  readonly #handler: Handler;
  readonly #acs: string;
  /** The results of `signedInAs` for both users. */
  #names: { readonly user: string | null; readonly victim: string | null } = { user: null, victim: null };

  constructor(options: AttackOptions) {
    this.#options = options;
    this.#handler = typeof options.acs === 'string' ? overHttp : options.acs;
    this.#acs = typeof options.acs === 'string' ? options.acs : options.serviceProvider.acsUrl;
  }

  /** Verifies that genuine messages are accepted, as different users, and that an invalid one is not. */
  async prove(): Promise<{ readonly signs: readonly SigningMode[]; readonly genuine: readonly Attempt[] }> {
    const invalid = await this.#deliver(await this.#begin(), { fields: [['SAMLResponse', 'bm9uc2Vuc2U=']] });
    if (invalid.name !== null) {
      throw new TypeError(
        `signedInAs says ${JSON.stringify(invalid.name)} after an invalid message, when no user is signed in`,
      );
    }
    const signs: SigningMode[] = [];
    const genuine: Attempt[] = [];
    let refusal = '';
    for (const part of this.#options.signs ?? this.#possibleModes()) {
      const user = await this.#logIn(part, 'user');
      if (user.answer.name === null) {
        refusal = `the genuine login of ${this.#options.user} is refused where the identity provider signs ${part}: ${describe(user.answer)}`;
        if (this.#options.signs !== undefined) throw new TypeError(refusal, { cause: user.answer.error });
        continue;
      }
      const victim = await this.#logIn(part, 'victim');
      if (victim.answer.name === null) {
        throw new TypeError(
          `the genuine login of the victim ${victim.id} is refused, so that forgeries may be refused for that reason: choose a victim that the application accepts; ${describe(victim.answer)}`,
          { cause: victim.answer.error },
        );
      }
      if (victim.answer.name === user.answer.name) {
        throw new TypeError(`signedInAs says ${JSON.stringify(user.answer.name)} of both ${user.id} and ${victim.id}`);
      }
      this.#names = { user: user.answer.name, victim: victim.answer.name };
      signs.push(part);
      for (const { who, answer } of [user, victim]) genuine.push(genuineAttempt(part, who, answer));
    }
    if (signs.length === 0) throw new TypeError(`no genuine login is accepted: ${refusal}`);
    return { signs, genuine };
  }

  /** Tries one forgery. @throws TypeError if a genuine login that it requires is refused */
  async attempt(forgery: Forgery, signs: SigningMode): Promise<EvaluatedAttempt> {
    const { name, row, description, succeeded = ({ who }: Reaction) => who !== 'none' } = forgery;
    const begun = await this.#begin();
    const material = this.#material(begun, signs);
    const made = forgery.make(material);
    const delivery: Delivery = typeof made === 'string' ? { fields: postFields(made, material) } : made;
    if (delivery.first !== undefined) {
      const answer = await this.#deliver(begun, { fields: delivery.first });
      if (answer.name === null) throw new TypeError(`${name}: the genuine login is refused: ${describe(answer)}`);
    }
    const answer = await this.#deliver(delivery.otherBrowser ? {} : begun, delivery);
    const { status, location } = answer;
    const who = this.#who(answer.name);
    const { id, email, nameId } = material.victim;
    // Shorter names occur by chance.
    const names = [id, email, nameId].filter((text) => text !== undefined && text.length > 4);
    const mustNotRepeat = forgery.mustNotRepeat === undefined ? names : [forgery.mustNotRepeat];
    return {
      ...{ name, row, description, signs, who, status },
      ...('error' in answer ? { error: answer.error } : {}),
      succeeded: succeeded({ who, location }),
      repeats: mustNotRepeat.some((text) => text !== undefined && (answer.body + answer.headers).includes(text)),
    };
  }

  #possibleModes(): readonly SigningMode[] {
    return this.#options.serviceProvider.encryptionCertificate === undefined ? clearModes : signingModes;
  }

  #who(name: string | null): Who {
    if (name === null) return 'none';
    if (name === this.#names.user) return 'user';
    return name === this.#names.victim ? 'victim' : 'other';
  }

  async #begin(): Promise<BegunAttempt> {
    const { begin } = this.#options;
    if (typeof begin !== 'string') return (await begin?.()) ?? {};
    return await beginAt(this.#handler, begin);
  }

  #material(begun: BegunAttempt, signs: SigningMode): ForgeryMaterial {
    const { idp, serviceProvider, user, victim } = this.#options;
    const { inResponseTo, relayState } = begun;
    return forgeryMaterial({ idp, serviceProvider, user, victim, signs, inResponseTo, relayState });
  }

  async #logIn(
    signs: SigningMode,
    who: 'user' | 'victim',
  ): Promise<{ readonly who: 'user' | 'victim'; readonly id: string; readonly answer: Answer }> {
    const begun = await this.#begin();
    const material = this.#material(begun, signs);
    const xml = who === 'user' ? material.response() : material.victimsResponse();
    const answer = await this.#deliver(begun, { fields: postFields(xml, material) });
    return { who, id: material[who].id, answer };
  }

  async #deliver({ cookies = '' }: BegunAttempt, { fields, method }: Delivery): Promise<Answer> {
    const query = new URLSearchParams(fields.map(([name, value]) => [name, value]));
    const headers = { cookie: cookies };
    const request =
      method === 'GET'
        ? new Request(`${this.#acs}?${query}`, { headers })
        : new Request(this.#acs, { method: 'POST', headers, body: query });
    let response: Response;
    try {
      response = await this.#handler(request);
    } catch (error) {
      return { name: null, status: null, location: null, body: '', headers: '', error };
    }
    expectResponse(response, request);
    const body = await response.clone().text();
    const name = await this.#options.signedInAs({ response, cookies: cookiesAfter(cookies, response) });
    return {
      name,
      status: response.status,
      location: response.headers.get('Location'),
      body,
      headers: [...response.headers.values()].join('\n'),
    };
  }
}

function genuineAttempt(signs: SigningMode, who: 'user' | 'victim', { status }: Answer): Attempt {
  return { name: `genuine-${who}`, row: '', description: `A genuine login of the ${who}.`, signs, who, status };
}

function describe({ status, body, error }: Answer): string {
  if (status === null) return `the application threw ${error}`;
  const [start = '', ...styled] = body.split('<style>');
  const visible = [start, ...styled.map((part) => part.slice(Math.max(0, part.indexOf('</style>'))))].join(' ');
  return `status ${status} ${visible
    .replace(/<[^<>]*>|\s+/g, ' ')
    .replace(/ +/g, ' ')
    .slice(0, 200)}`;
}
