import * as schemaValidator from '@authenio/samlify-node-xmllint';
import saml20 from '@boxyhq/saml20';
import * as nodeSaml from '@node-saml/node-saml';
import saml2js from 'saml2-js';
import * as samlify from 'samlify';
import { identityProvider, serviceProvider } from './corpus.mjs';
import { decryptionKey } from './encrypted.mjs';

/**
 * The libraries under test, each configured as its README says for production: certificate pinned, assertion must be
 * signed, issuer and audience checked where the library can. Every function takes the SAMLResponse form field and
 * resolves to `{ email, groups }`, read from the attributes that the library returned.
 */
export const peers = ({ encrypted = false } = {}) => ({
  '@node-saml/node-saml': viaNodeSaml(),
  samlify: viaSamlify(validateSchema, encrypted),
  'samlify, no schema check': viaSamlify(() => Promise.resolve('skipped'), encrypted),
  'saml2-js': viaSaml2Js(),
  '@boxyhq/saml20': viaSaml20(),
});

function viaNodeSaml() {
  const saml = new nodeSaml.SAML({
    callbackUrl: serviceProvider.acsUrl,
    entryPoint: identityProvider.ssoUrl,
    issuer: serviceProvider.entityId,
    audience: serviceProvider.entityId,
    idpIssuer: identityProvider.entityId,
    idpCert: identityProvider.certificate,
    decryptionPvk: decryptionKey,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: nodeSaml.ValidateInResponseTo.never,
  });
  return async (samlResponse) => {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: samlResponse });
    return profile.attributes;
  };
}

const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings';

function viaSamlify(validate, encrypted) {
  const idp = samlify.IdentityProvider({
    entityID: identityProvider.entityId,
    signingCert: identityProvider.certificate,
    isAssertionEncrypted: encrypted,
    messageSigningOrder: 'sign-then-encrypt',
    singleSignOnService: [{ Binding: `${bindings}:HTTP-Redirect`, Location: identityProvider.ssoUrl }],
    singleLogoutService: [{ Binding: `${bindings}:HTTP-Redirect`, Location: identityProvider.ssoUrl }],
  });
  const sp = samlify.ServiceProvider({
    entityID: serviceProvider.entityId,
    wantAssertionsSigned: true,
    encPrivateKey: decryptionKey,
    assertionConsumerService: [{ Binding: `${bindings}:HTTP-POST`, Location: serviceProvider.acsUrl }],
  });
  return async (samlResponse) => {
    samlify.setSchemaValidator({ validate });
    const { extract } = await sp.parseLoginResponse(idp, 'post', { body: { SAMLResponse: samlResponse } });
    return extract.attributes;
  };
}

/** samlify's validator module prints a blank line and leaves listeners behind, each of which keeps 16 MiB alive. */
function validateSchema(xml) {
  const { log } = console;
  console.log = () => {};
  const verdict = schemaValidator.validate(xml);
  console.log = log;
  process.removeAllListeners('uncaughtException');
  process.stdout.removeAllListeners('drain');
  return verdict;
}

function viaSaml2Js() {
  const sp = new saml2js.ServiceProvider({
    entity_id: serviceProvider.entityId,
    assert_endpoint: serviceProvider.acsUrl,
    private_key: decryptionKey,
    // Required by the constructor, used only for signed requests.
    certificate: '',
    allow_unencrypted_assertion: true,
  });
  const idp = new saml2js.IdentityProvider({
    sso_login_url: identityProvider.ssoUrl,
    certificates: [identityProvider.certificate],
  });
  return (samlResponse) =>
    new Promise((resolve, reject) => {
      sp.post_assert(idp, { request_body: { SAMLResponse: samlResponse } }, (error, response) => {
        if (error) return reject(error);
        const { email, groups } = response.user.attributes;
        resolve({ email: email[0], groups });
      });
    });
}

function viaSaml20() {
  const options = {
    publicKey: identityProvider.certificate,
    privateKey: decryptionKey,
    audience: serviceProvider.entityId,
    strictAudienceValidation: true,
  };
  return async (samlResponse) => {
    const { claims } = await saml20.default.validate(Buffer.from(samlResponse, 'base64').toString(), options);
    return claims;
  };
}
