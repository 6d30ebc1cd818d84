/** No connection has this id: the mistake of a caller, or of a person who typed a URL. */
export class UnknownConnection extends TypeError {
  constructor(connectionId: string) {
    super(`there is no connection ${JSON.stringify(connectionId)}`);
  }
}
