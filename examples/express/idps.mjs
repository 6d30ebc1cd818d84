import express from 'express';
import { createTestIdp } from 'saml-jit/testing';
import { peoplePage } from './views.mjs';

/** A customer's identity provider: a portal, a login page, and a page to edit its people. Not part of the product. */
export function createIdp({ origin, name, users, product, now }) {
  const idp = createTestIdp({
    entityId: `${origin}/metadata`,
    baseUrl: origin,
    users,
    serviceProviders: [{ entityId: `${product}/sso/metadata`, acsUrl: `${product}/sso/acs`, name: 'Planner' }],
    now,
  });

  const app = express();
  app.get('/', (_req, res) => res.redirect('/portal'));
  app.get('/people', (_req, res) => res.send(peoplePage({ name, users: idp.users, product })));
  app.post('/people', express.urlencoded({ extended: false }), (req, res) => {
    const { id, action, ...changes } = req.body;
    if (action === 'delete') idp.removeUser(id);
    else idp.updateUser(id, changes);
    res.redirect(303, '/people');
  });

  // The test identity provider speaks the Fetch API's Request and Response.
  app.use(express.raw({ type: () => true }), async (req, res) => {
    const { method, headers, body } = req;
    const post = method === 'POST' && { headers: { 'content-type': headers['content-type'] }, body };
    const response = await idp.handle(new Request(new URL(req.originalUrl, origin), { method, ...post }));
    res
      .status(response.status)
      .set(Object.fromEntries(response.headers))
      .send(await response.text());
  });

  return { app, idp, origin };
}
