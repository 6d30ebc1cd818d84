/** Everything a SamlError may report. Stable: a code is never renamed, only added. */
export type SamlErrorCode = keyof typeof messages;

// One constant sentence per code. It reaches end users, so it carries no value from the message and no secret.
// docs/errors.md is made of the comments: what happened, what mends it, and who can do that.
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
   * elements or too much text for an XPath mapping, or what a mapping splits or joins grows too large.
   * @remedy Send fewer groups (filter them at the identity provider), or raise `limits` and, in Express,
   * `bodyLimitBytes`.
   * @fixedBy identity provider, application
   */
  message_too_large: 'the SAML message exceeds a size limit',
  /**
   * Not well-formed XML; the hint names line and column. Often it was cut off on its way.
   * @remedy Look for a proxy, firewall or body parser that limits the size of forms or rewrites them; else the
   * identity provider writes damaged XML.
   * @fixedBy application, identity provider
   */
  malformed_xml: 'the SAML message is not well-formed XML',
  /**
   * A DOCTYPE, a processing instruction, an encoding other than UTF-8, or a relative namespace URI. Genuine
   * identity providers send none.
   * @remedy Treat it as an attack; else report it to the maker of the identity provider.
   * @fixedBy identity provider
   */
  forbidden_xml: 'the SAML message uses an XML feature that is never accepted',
  /**
   * Another message than a SAML 2.0 Response arrived: a request, a logout message, SAML 1.1, a WS-Federation
   * token, another binding, a form without `SAMLResponse`.
   * @remedy Choose SAML 2.0 at the identity provider, and give it the ACS URL for HTTP-POST alone; the hint says
   * what arrived instead.
   * @fixedBy identity provider
   */
  unexpected_message: 'the SAML message is not a SAML 2.0 Response',
  /**
   * The identity provider reports a failure: it did not authenticate the person, or did not understand the
   * request. The hint repeats its status and what it usually means.
   * @remedy As the hint says; the log of the identity provider says more.
   * @fixedBy identity provider, user
   */
  status_not_success: 'the identity provider did not sign the user in',
  /**
   * No connection, or more than one, has the entity ID in `Issuer`. The hint names the nearest that is configured.
   * @remedy Set `idp.entityId` to the Issuer, to the letter. If several connections share it, set `acs: 'own'` and
   * give each its own ACS URL.
   * @fixedBy application
   */
  unknown_issuer: 'the SAML message comes from an identity provider that is not configured',
  /**
   * The response was judged by a connection that expects another `Issuer`.
   * @remedy Correct `idp.entityId`, or the ACS URL at the identity provider.
   * @fixedBy application, identity provider
   */
  issuer_mismatch: 'the SAML message names another issuer than the configured identity provider',
  /**
   * `Destination` is another address than the one it was posted to: staging, another port or path, http.
   * @remedy Correct the ACS URL at the identity provider, to the letter; check `baseUrl`.
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
   * The content, or the signature itself, was changed after signing; or the signature names a certificate that is
   * not configured and does not verify with it either. The hint tells which.
   * @remedy Look for a proxy, filter or browser extension that rewrites the message; compare the certificate with
   * the metadata of the identity provider.
   * @fixedBy application
   */
  signature_invalid: 'the signature of the SAML message is not valid',
  /**
   * A signature does not cover the element it stands in, or there is more than one, or IDs are ambiguous.
   * @remedy Genuine identity providers do not send this: treat it as an attack.
   * @fixedBy your security team
   */
  signature_wrapped: 'the signature does not cover the content it is attached to',
  /**
   * The signature is sound, and the key is not configured. The hint shows fingerprint, subject and expiry of the
   * certificate used and of those configured.
   * @remedy If the identity provider changed its certificate, or another one was configured, take the right one
   * from its metadata, over a channel that you trust, and add it.
   * @fixedBy application
   */
  untrusted_certificate: 'the SAML message is signed with a key that is not configured',
  /**
   * A configured certificate cannot be read, or its key is too weak (RSA under 2048 bits) or of an unknown kind.
   * Found at configuration.
   * @remedy Paste the X.509 signing certificate of the identity provider; the hint says what was pasted instead.
   * @fixedBy application
   */
  certificate_invalid: 'a configured certificate cannot be used',
  /**
   * SHA-1, or an algorithm that is never accepted, in the signature or the encryption.
   * @remedy Choose RSA-SHA256 (and for encryption AES-GCM with RSA-OAEP) at the identity provider. Where it
   * cannot: `security.allowSha1` for SHA-1 signatures; for [AES-CBC](deployment.md#aes-cbc) a signed Response, a
   * decryption key of the connection, or `security.allowAesCbc`, as the hint says.
   * @fixedBy identity provider, application
   */
  algorithm_not_allowed: 'the SAML message uses an algorithm that is not allowed',
  /**
   * The strict verifier accepted the signature and the second one did not, or digested other bytes.
   * @remedy Treat it as an attack. If the identity provider is known to be sound,
   * [report](../SECURITY.md#reporting) the message.
   * @fixedBy your security team
   */
  verifiers_disagree: 'two independent verifiers disagree about the signature',
  /**
   * The assertion, the NameID or an attribute is encrypted, and the application has no key for that.
   * @remedy Configure `decryption` (`serviceProvider.decryptionKeys` of `validateResponse`) and give the identity
   * provider its certificate, or switch encryption off there.
   * @fixedBy application, identity provider
   */
  decryption_key_missing: 'the assertion is encrypted and no decryption key is configured',
  /**
   * What is encrypted is for another key, or damaged, or holds nothing that a configured certificate signed. Which
   * of these is never told, since that would help to decrypt.
   * @remedy Give the identity provider the encryption certificate of your metadata. To learn more, sign the
   * Response there, or switch encryption off for a test.
   * @fixedBy identity provider, application
   */
  decryption_failed: 'the assertion could not be decrypted',
  /**
   * The response reports success and holds no assertion where it belongs.
   * @remedy Send the assertion by HTTP-POST, as a child of the Response.
   * @fixedBy identity provider
   */
  assertion_missing: 'the SAML response holds no assertion',
  /**
   * More than one assertion, at any depth.
   * @remedy Exactly one is accepted: send one.
   * @fixedBy identity provider
   */
  assertion_multiple: 'the SAML response holds more than one assertion',
  /**
   * The assertion, or the response around it, lacks a part that SAML Core requires, or a value is not of its type.
   * @remedy The hint names the part.
   * @fixedBy identity provider
   */
  assertion_invalid: 'the assertion does not have the form that SAML 2.0 requires',
  /**
   * The assertion, or its NameID (`SPNameQualifier`), is for another audience; or it names none.
   * @remedy Set the audience (SP entity ID, identifier) at the identity provider to your entity ID, to the letter.
   * @fixedBy identity provider
   */
  audience_mismatch: 'the assertion was issued for another application',
  /**
   * `Recipient` is another address than the one it was posted to.
   * @remedy Correct the ACS URL (recipient) at the identity provider, to the letter; check `baseUrl`.
   * @fixedBy identity provider, application
   */
  recipient_mismatch: 'the assertion was issued for another address',
  /**
   * No bearer confirmation as the Web Browser SSO profile demands.
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
   * The assertion does not say that, and when, the person authenticated.
   * @remedy Use the Web Browser SSO profile at the identity provider.
   * @fixedBy identity provider
   */
  authn_statement_missing: 'the assertion does not say that the user authenticated',
  /**
   * A time lies in the future by more than the tolerated difference: the clock of the identity provider is ahead,
   * or that of this server behind. The hint says by how much.
   * @remedy Compare both clocks with the right time, and let NTP set them; see [clocks](deployment.md#clocks).
   * @fixedBy application, identity provider
   */
  not_yet_valid: 'the assertion is not valid yet',
  /**
   * The login took too long, an old page was posted again, or the clocks differ. The hint says by how much, and
   * which clock where the times tell.
   * @remedy Sign in again; if every login ends so, compare both clocks with the right time.
   * @fixedBy user, application, identity provider
   */
  expired: 'the assertion has expired',
  /**
   * The session at the identity provider had ended when the response arrived.
   * @remedy Sign in at the identity provider again; compare the clocks.
   * @fixedBy user
   */
  session_expired: 'the session at the identity provider has ended',
  /**
   * The response answers another request than the one that is pending, or Response and Assertion disagree about it.
   * @remedy Start anew. If it persists, the identity provider does not repeat the ID of the request.
   * @fixedBy user, identity provider
   */
  in_response_to_mismatch: 'the SAML response answers another request',
  /**
   * The login began at the identity provider, and `policy.idpInitiated` is `refuse`; or with `restart`, the
   * identity provider answered the request as if nobody had asked.
   * @remedy Begin at the application; enable SP-initiated login at the identity provider; or set `idpInitiated`.
   * @fixedBy user, application, identity provider
   */
  unsolicited_not_allowed: 'a login must start at the application',
  /**
   * This browser did not bring the cookie of the request: begun elsewhere, on another host name, too long ago, or
   * the cookie was dropped; or it was posted to the address of another connection.
   * @remedy Start anew. If it persists, see [cookies](express.md#cookies).
   * @fixedBy user, application
   */
  browser_mismatch: 'the login was not started in this browser, or took too long',
  /**
   * A response to this request was accepted before.
   * @remedy Start anew.
   * @fixedBy user
   */
  request_used: 'the login request was already answered',
  /**
   * The assertion was accepted before: the page was reloaded, or somebody replays it.
   * @remedy Start anew. Reported as a security event.
   * @fixedBy user
   */
  replayed: 'the SAML response was already used',
  /**
   * The NameID is empty; or there is none and `validateResponse` requires it.
   * @remedy Choose an attribute for the NameID that everybody has, or set `requireNameId: false`.
   * @fixedBy identity provider
   */
  name_id_missing: 'the assertion does not name its subject',
  /**
   * `idp.nameIdFormat` asks for one format, and the identity provider sends another.
   * @remedy Change the format at the identity provider, or `idp.nameIdFormat` (`null` takes any).
   * @fixedBy identity provider, application
   */
  name_id_format_mismatch: 'the assertion names its subject in another format than the one asked for',
  /**
   * With `forceAuthn`: the person authenticated before the request was made.
   * @remedy Let the identity provider honour `ForceAuthn`.
   * @fixedBy identity provider
   */
  authn_context_mismatch: 'the user did not authenticate as requested',
  /**
   * Not the metadata of one SAML 2.0 identity provider. Found at configuration; `parseConnection` and
   * `parseIdpMetadata` also find that it is out of date.
   * @remedy The hint says what the document is instead.
   * @fixedBy application
   */
  metadata_invalid: 'the metadata cannot be used',
  /**
   * The connection of the route or the request does not exist any more, or cannot be used: its row is not valid, its
   * metadata expired more than 7 days ago (`validUntil`), or its identity provider wants signed requests and there is no
   * `signing` key.
   * @remedy Restore or correct it; the hint lists the problems.
   * @fixedBy application
   */
  connection_unavailable: 'single sign-on is not available for this connection',
  /**
   * A function of your own failed: user store, replay cache, connection store or `organization`; the hint names it.
   * Nobody was signed in. If that was after the response was claimed, it is used up; the hint says so.
   * @remedy See `cause`; then sign in again.
   * @fixedBy application
   */
  store_failed: 'the login could not be completed',
  /**
   * An error inside saml-jit: not of the message, and not of a function of your own. Only events have this code:
   * `completeLogin` and `beginLogin` reject with the error itself. Nobody was signed in.
   * @remedy [Report](../SECURITY.md#reporting) it, with the stack of the cause.
   * @fixedBy the makers of saml-jit
   */
  unexpected_error: 'the login could not be completed',
} as const;
