import { identityProvider, serviceProvider } from './corpus.mjs';
import { decryptionKey } from './encrypted.mjs';

/** saml-jit: the strict verifier alone, or, with `crossCheck`, its default. */
export const viaSamlJit = (validateResponse, crossCheck) => {
  const options = {
    identityProvider: { entityId: identityProvider.entityId, certificates: [identityProvider.certificate] },
    serviceProvider: { ...serviceProvider, decryptionKeys: [decryptionKey] },
    inResponseTo: null,
    crossCheck,
  };
  return async (samlResponse) => {
    const { attributes } = await validateResponse(samlResponse, options);
    return { email: attributes.get('email')?.[0], groups: attributes.get('groups') };
  };
};
