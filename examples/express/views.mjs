/** The product's pages. Every value is escaped unless it is itself a piece of HTML. */

class Html {
  constructor(text) {
    this.text = text;
  }
}

const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const render = (value) => {
  if (Array.isArray(value)) return value.map(render).join('');
  return value instanceof Html ? value.text : escapeHtml(value ?? '');
};

const html = (strings, ...values) => new Html(String.raw({ raw: strings }, ...values.map(render)));

const page = (title, content, stylesheetOrigin = '') =>
  html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${title}</title>
  <link rel="stylesheet" href="${stylesheetOrigin}/style.css">
</head>
<body>${content}</body>
</html>
`.text;

export const loginPage = ({ notice } = {}) =>
  page(
    'Sign in',
    html`<main class="narrow"><section>
  <h1>Sign in to Planner</h1>
  <p>Type the e-mail address you use at work.</p>
  ${notice ? html`<p class="notice">${notice}</p>` : ''}
  <form action="/sso/login">
    <label>E-mail <input type="email" name="email" autocomplete="email" required autofocus></label>
    <button>Continue</button>
  </form>
</section></main>`,
  );

export const refusedPage = (message) =>
  page(
    'Not signed in',
    html`<main class="narrow"><section><h1>Not signed in</h1><p class="notice">${message}</p></section></main>`,
  );

export const dashboardPage = ({ user, organization, users }) =>
  page(
    organization.name,
    html`<header><strong>Planner</strong> ${user.email}
  <form action="/logout" method="post"><button class="quiet">Sign out</button></form>
</header>
<main>
  <section>
    <h1>Hello, ${user.name}</h1>
    <p>You are <span class="tag">${user.role}</span> of ${organization.name}.</p>
  </section>
  <section>
    <h2>People of ${organization.name}</h2>
    <table>
      <tr><th>Name</th><th>E-mail</th><th>Role</th></tr>
      ${users.map((each) => html`<tr><td>${each.name}</td><td>${each.email}</td><td>${each.role}</td></tr>`)}
    </table>
  </section>
</main>`,
  );

/** A customer's directory, at its identity provider. */
export const peoplePage = ({ name, users, product }) =>
  page(
    `People of ${name}`,
    html`<header><strong>${name}</strong> <a href="/portal">Portal</a></header>
<main class="wide">
  <section>
    <h1>People of ${name}</h1>
    <p>What you change here reaches the product with the next login.</p>
    <table>
      <tr><th>First name</th><th>Last name</th><th>E-mail</th><th>Role</th><th></th></tr>
      ${users.map(personRow)}
    </table>
  </section>
</main>`,
    product,
  );

const personRow = (user) =>
  html`<tr>
  ${['firstName', 'lastName', 'email', 'role'].map(
    (field) => html`<td><input form="${user.id}" name="${field}" value="${user[field]}" aria-label="${field}"></td>`,
  )}
  <td><form id="${user.id}" action="/people" method="post" class="actions">
    <input type="hidden" name="id" value="${user.id}">
    <button name="action" value="save">Save</button>
    <button name="action" value="delete" class="quiet">Delete</button>
  </form></td>
</tr>`;
