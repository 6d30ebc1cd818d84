/** No connection has this id. */
export class UnknownConnection extends TypeError {
  constructor(connectionId: string) {
    super(`there is no connection ${JSON.stringify(connectionId)}`);
  }
}
