import { UserConflict } from '../provisioning/user-store.ts';

const attempts = 10;

/**
 * Does the work again if another transaction was faster: after a duplicate key or a deadlock, which the clients of the databases
 * throw as a `UserConflict`. The work reads again and decides anew.
 */
export async function retryLostRaces<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UserConflict) || attempt === attempts) throw error;
    }
  }
}
