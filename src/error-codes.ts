/** The codes of a SamlError. Stable: codes are added, never renamed. */
export type SamlErrorCode = keyof typeof messages;

// One constant sentence per code. End users may see it, so it contains no value of the message and no secret.
// docs/errors.md is generated from the comments: what happened, the remedy, and who can apply it.
export const messages = {
  /**
   * The form field is not base64 of UTF-8 text: it was encoded twice, compressed as for HTTP-Redirect, base64url,
   * cut off, or a proxy turned `+` into blanks.
   * @remedy Let the identity provider send responses by HTTP-POST; look for a proxy or gateway that rewrites or
   * cuts off forms.
   * @fixedBy identity provider, application
   */
  invalid_encoding: 'the SAML message is not valid base64 or UTF-8',
  /**
   * More bytes, depth, elements, attributes or prefixes than [the limits](deployment.md#limits) allow, or too many
   * elements or too much text for an XPath mapping, or the result of splitting or joining in a mapping is too large.
   * @remedy Send fewer groups (filter them at the identity provider), or raise `limits` and, in Express,
   * `bodyLimitBytes`.
   * @fixedBy identity provider, application
   */
  message_too_large: 'the SAML message exceeds a size limit',
  /**
   * Not well-formed XML; the hint names line and column. A frequent cause is a truncated message.
   * @remedy Look for a proxy, firewall or body parser that limits the size of forms or rewrites them. If there is
   * none, the identity provider writes malformed XML.
   * @fixedBy application, identity provider
   */
  malformed_xml: 'the SAML message is not well-formed XML',
  /**
   * A DOCTYPE, a processing instruction, an encoding other than UTF-8, or a relative namespace URI. Identity
   * providers do not send these.
   * @remedy Treat it as an attack. If the identity provider really sends it, report it to its vendor.
   * @fixedBy identity provider
   */
  forbidden_xml: 'the SAML message uses an XML feature that is never accepted',
  /**
   * The message is not a SAML 2.0 Response: a request, a logout message, SAML 1.1, a WS-Federation token, another
   * binding, a form without `SAMLResponse`.
   * @remedy Choose SAML 2.0 at the identity provider, and use the ACS URL for HTTP-POST only; the hint names what
   * was received.
   * @fixedBy identity provider
   */
  unexpected_message: 'the SAML message is not a SAML 2.0 Response',
  /**
   * The identity provider reports a failure: it did not authenticate the user, or rejected the request. The
   * hint contains its status and the usual cause.
   * @remedy See the hint, and the log of the identity provider.
   * @fixedBy identity provider, user
   */
  status_not_success: 'the identity provider did not sign the user in',
  /**
   * No connection, or more than one, has the entity ID in `Issuer`. The hint names the closest configured one.
   * @remedy Set `idp.entityId` to exactly the Issuer. If several connections share it, set `acs: 'own'` and
   * give each its own ACS URL.
   * @fixedBy application
   */
  unknown_issuer: 'the SAML message comes from an identity provider that is not configured',
  /**
   * The response was validated against a connection that expects another `Issuer`.
   * @remedy Correct `idp.entityId`, or the ACS URL at the identity provider.
   * @fixedBy application, identity provider
   */
  issuer_mismatch: 'the SAML message names another issuer than the configured identity provider',
  /**
   * `Destination` is not the URL that the response was posted to: staging, another port or path, http.
   * @remedy Enter exactly the ACS URL at the identity provider; check `baseUrl`.
   * @fixedBy identity provider, application
   */
  destination_mismatch: 'the SAML message was sent to another address',
  /**
   * Neither Response nor Assertion is signed, or not the one that `requireSigned` demands. Google Workspace signs
   * one of them, never both.
   * @remedy Switch signing on at the identity provider, or set `requireSigned: 'either'`.
   * @fixedBy identity provider, application
   */
  signature_missing: 'the SAML message is not signed',
  /**
   * The content, or the signature itself, was changed after signing; or the signature contains a certificate that is
   * not configured, and is not valid with that certificate either. The hint says which.
   * @remedy Look for a proxy, filter or browser extension that rewrites the message; compare the certificate with
   * the metadata of the identity provider.
   * @fixedBy application
   */
  signature_invalid: 'the signature of the SAML message is not valid',
  /**
   * A signature does not cover its parent element, or there is more than one, or IDs are ambiguous.
   * @remedy Identity providers do not send this: treat it as an attack.
   * @fixedBy your security team
   */
  signature_wrapped: 'the signature does not cover the content it is attached to',
  /**
   * The signature is valid, but its key is not configured. The hint shows fingerprint, subject and expiry of the
   * certificate used and of those configured.
   * @remedy If the identity provider changed its certificate, or the wrong one was configured, take the current one
   * from its metadata, over a channel that you trust, and add it.
   * @fixedBy application
   */
  untrusted_certificate: 'the SAML message is signed with a key that is not configured',
  /**
   * A configured certificate cannot be read, or its key is too weak (RSA under 2048 bits) or of an unknown kind.
   * Found at configuration.
   * @remedy Configure the X.509 signing certificate of the identity provider; the hint says what was given instead.
   * @fixedBy application
   */
  certificate_invalid: 'a configured certificate cannot be used',
  /**
   * SHA-1, or an algorithm that is never accepted, in the signature or the encryption.
   * @remedy Choose RSA-SHA256 (and for encryption AES-GCM with RSA-OAEP) at the identity provider. If it
   * cannot: `security.allowSha1` for SHA-1 signatures; for [AES-CBC](deployment.md#aes-cbc) a signed Response, a
   * decryption key of the connection, or `security.allowAesCbc`, as the hint says.
   * @fixedBy identity provider, application
   */
  algorithm_not_allowed: 'the SAML message uses an algorithm that is not allowed',
  /**
   * The strict verifier accepted the signature; the second verifier rejected it, or digested other bytes.
   * @remedy Treat it as an attack. If you trust the identity provider,
   * [report](../SECURITY.md#reporting) the message.
   * @fixedBy your security team
   */
  verifiers_disagree: 'two independent verifiers disagree about the signature',
  /**
   * The assertion, the NameID or an attribute is encrypted, and the application has no decryption key.
   * @remedy Configure `decryption` (`serviceProvider.decryptionKeys` of `validateResponse`) and give the identity
   * provider its certificate, or switch encryption off there.
   * @fixedBy application, identity provider
   */
  decryption_key_missing: 'the assertion is encrypted and no decryption key is configured',
  /**
   * The encrypted data is for another key, or damaged, or contains nothing that a configured certificate signed. The
   * error does not say which, because that would help an attacker to decrypt.
   * @remedy Give the identity provider the encryption certificate of your metadata. To learn more, sign the
   * Response there, or switch encryption off for a test.
   * @fixedBy identity provider, application
   */
  decryption_failed: 'the assertion could not be decrypted',
  /**
   * The response reports success, and has no assertion as a child of the Response.
   * @remedy Send the assertion by HTTP-POST, as a child of the Response.
   * @fixedBy identity provider
   */
  assertion_missing: 'the SAML response contains no assertion',
  /**
   * More than one assertion, at any depth.
   * @remedy Send exactly one.
   * @fixedBy identity provider
   */
  assertion_multiple: 'the SAML response contains more than one assertion',
  /**
   * The assertion, or its response, does not have a part that SAML Core requires, or a value does not have its type.
   * @remedy See the hint: it names the part.
   * @fixedBy identity provider
   */
  assertion_invalid: 'the assertion does not have the form that SAML 2.0 requires',
  /**
   * The assertion, or its NameID (`SPNameQualifier`), is for another audience; or it names no audience.
   * @remedy Set the audience (SP entity ID, identifier) at the identity provider to exactly your entity ID.
   * @fixedBy identity provider
   */
  audience_mismatch: 'the assertion was issued for another application',
  /**
   * `Recipient` is not the URL that the response was posted to.
   * @remedy Enter exactly the ACS URL (recipient) at the identity provider; check `baseUrl`.
   * @fixedBy identity provider, application
   */
  recipient_mismatch: 'the assertion was issued for another address',
  /**
   * No bearer confirmation, which the Web Browser SSO profile requires.
   * @remedy Use that profile at the identity provider.
   * @fixedBy identity provider
   */
  subject_confirmation_invalid: 'the assertion does not confirm its subject for this login',
  /**
   * No `Conditions`, an unknown one, or a validity of more than 24 hours (`maxAssertionLifetimeSeconds`).
   * @remedy Shorten the lifetime of assertions at the identity provider (minutes are enough), or raise
   * `security.maxAssertionLifetimeSeconds`.
   * @fixedBy identity provider, application
   */
  conditions_invalid: 'the conditions of the assertion cannot be accepted',
  /**
   * The assertion does not say that, and when, the user authenticated.
   * @remedy Use the Web Browser SSO profile at the identity provider.
   * @fixedBy identity provider
   */
  authn_statement_missing: 'the assertion does not say that the user authenticated',
  /**
   * A time is in the future by more than the clock skew allowed: the clock of the identity provider is ahead, or that
   * of this server is behind. The hint says by how much.
   * @remedy Compare both clocks with the correct time, and set them by NTP; see [clocks](deployment.md#clocks).
   * @fixedBy application, identity provider
   */
  not_yet_valid: 'the assertion is not valid yet',
  /**
   * The login took too long, an old page was posted again, or the clocks differ. The hint says by how much and, if the
   * times show it, which clock is wrong.
   * @remedy Sign in again; if every login fails with it, compare both clocks with the correct time.
   * @fixedBy user, application, identity provider
   */
  expired: 'the assertion has expired',
  /**
   * The session at the identity provider ended before the response arrived.
   * @remedy Sign in at the identity provider again; compare the clocks.
   * @fixedBy user
   */
  session_expired: 'the session at the identity provider has ended',
  /**
   * `InResponseTo` of the Response or of the Assertion is not the ID of the pending request.
   * @remedy Start the login again. If it persists, the identity provider does not return the ID of the request.
   * @fixedBy user, identity provider
   */
  in_response_to_mismatch: 'the SAML response answers another request',
  /**
   * The login began at the identity provider, and `policy.idpInitiated` is `refuse`; or with `restart`, the
   * identity provider answered the request without `InResponseTo`.
   * @remedy Begin at the application; enable SP-initiated login at the identity provider; or set `idpInitiated`.
   * @fixedBy user, application, identity provider
   */
  unsolicited_not_allowed: 'a login must start at the application',
  /**
   * The browser did not send the cookie of the request: the login was begun in another browser, on another host name or
   * too long ago, or the cookie was blocked; or the response was posted to the ACS URL of another connection.
   * @remedy Start the login again. If it persists, see [cookies](express.md#cookies).
   * @fixedBy user, application
   */
  browser_mismatch: 'the login was not started in this browser, or took too long',
  /**
   * A response to this request was accepted before.
   * @remedy Start the login again.
   * @fixedBy user
   */
  request_used: 'the login request was already answered',
  /**
   * The assertion was accepted before: the page was reloaded, or an attacker replays it.
   * @remedy Start the login again. Reported as a security event.
   * @fixedBy user
   */
  replayed: 'the SAML response was already used',
  /**
   * The NameID is empty; or it is absent and `validateResponse` requires it.
   * @remedy Choose an attribute for the NameID that every user has, or set `requireNameId: false`.
   * @fixedBy identity provider
   */
  name_id_missing: 'the assertion does not name its subject',
  /**
   * `idp.nameIdFormat` asks for one format, and the identity provider sends another.
   * @remedy Change the format at the identity provider, or `idp.nameIdFormat` (`null` accepts any).
   * @fixedBy identity provider, application
   */
  name_id_format_mismatch: 'the assertion names its subject in another format than the one asked for',
  /**
   * With `forceAuthn`: the user authenticated before the request was made.
   * @remedy Configure the identity provider to honour `ForceAuthn`.
   * @fixedBy identity provider
   */
  authn_context_mismatch: 'the user did not authenticate as requested',
  /**
   * Not the metadata of one SAML 2.0 identity provider. Found at configuration; `parseConnection` and
   * `parseIdpMetadata` also find that it is out of date.
   * @remedy See the hint: it says what the document is instead.
   * @fixedBy application
   */
  metadata_invalid: 'the metadata cannot be used',
  /**
   * The connection of the route or the request does not exist, or cannot be used: its row is not valid, its metadata
   * expired more than 7 days ago (`validUntil`), its single sign-on URL is not allowed, or its identity provider requires
   * signed requests and there is no `signing` key.
   * @remedy Restore or correct it; the hint lists the problems.
   * @fixedBy application
   */
  connection_unavailable: 'single sign-on is not available for this connection',
  /**
   * A function of the application failed: user store, replay cache, connection store or `organization`; the hint names
   * it. The user was not signed in. A response that was already claimed cannot be used again; the hint says so.
   * @remedy See `cause`; then sign in again.
   * @fixedBy application
   */
  store_failed: 'the login could not be completed',
  /**
   * An error inside saml-jit, not in the message or in a function of the application. Only events have this code:
   * `completeLogin` and `beginLogin` reject with the error itself. The user was not signed in.
   * @remedy [Report](../SECURITY.md#reporting) it, with the stack of the cause.
   * @fixedBy the maintainers of saml-jit
   */
  unexpected_error: 'the login could not be completed',
} as const;
