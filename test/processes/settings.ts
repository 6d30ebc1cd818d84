/** Where a load balancer in front of the processes would be. */
export const baseUrl = 'https://app.example.com/sso';
export const roles = ['owner', 'admin', 'member'] as const;

/** The settings of one process. */
export interface ServerSettings {
  readonly postgres: { readonly host: string; readonly port: number; readonly user: string; readonly database: string };
  /** URL. */
  readonly redis: string;
  /** Schema of the tables, and prefix of the keys. */
  readonly schema: string;
  /** Metadata of the identity provider. */
  readonly metadata: string;
  /** One connection each. */
  readonly organizations: readonly string[];
}
