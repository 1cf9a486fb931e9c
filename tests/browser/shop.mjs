// A shop with a loyalty program, as small as it can be: a sign-up that takes `ref` and `ref_click`
// from a share link, a page that shows a member's points, and a checkout with test cards. What it
// tells Laurel it tells from its server, with its secret key.
import { createServer } from 'node:http';
import { once } from 'node:events';

const escape = (text) => String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * Opens the shop on a free port of 127.0.0.1.
 *
 * @param laurel the address of the API.
 * @param key a secret key of it.
 */
export async function openShop({ laurel, key }) {
  const shop = new Shop(laurel, key);
  const server = createServer((request, response) => {
    shop.answer(request, response).catch((error) => {
      response.writeHead(500, { 'Content-Type': 'text/plain' }).end(String(error.stack));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** What Laurel answered to the attribution of a customer. */
    attribution: (customer) => shop.attributions.get(customer),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

class Shop {
  attributions = new Map();
  #laurel;
  #key;

  constructor(laurel, key) {
    this.#laurel = laurel;
    this.#key = key;
  }

  async answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, 'http://shop.invalid');
    const customer = /(?:^|; )customer=([a-z_]+)/.exec(request.headers.cookie ?? '')?.[1];
    const html = (title, body) => {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page(title, body));
    };
    const enter = (name) => {
      response.writeHead(303, { Location: '/account', 'Set-Cookie': `customer=${name}; HttpOnly; Path=/` }).end();
    };
    switch (`${request.method} ${pathname}`) {
      case 'GET /signup':
        return html('Sign up', signUp(searchParams.get('ref') ?? '', searchParams.get('ref_click') ?? ''));
      case 'POST /signup':
        return enter(await this.#signUp(await form(request)));
      case 'GET /login':
        return enter(searchParams.get('customer'));
      case 'GET /account':
        return html('Your account', account(await this.#member(customer)));
      case 'POST /checkout': {
        const { status, points } = await this.#pay(customer, await form(request));
        return html('Thank you', `<p id="paid" class="${status}">Payment ${status}. ${points} points.</p>
          <p><a href="/account">Your account</a></p>`);
      }
      default:
        return response.writeHead(404).end();
    }
  }

  async #signUp({ name, email, code, click }) {
    const customer = `cust_${name.toLowerCase().replace(/[^a-z]/g, '')}`;
    await this.#call('POST', '/v1/events', { type: 'customer.created', data: { id: customer, name, email } });
    if (code || click) {
      const told = { customer, email, ...(code && { code }), ...(click && { click }) };
      const referral = await this.#call('POST', '/v1/loyalty/referrals/attribute', told);
      this.attributions.set(customer, referral);
    }
    return customer;
  }

  async #member(customer) {
    const { data } = await this.#call('GET', `/v1/loyalty/accounts?program=prog_default&customer=${customer}`);
    return { customer, balance: data[0]?.balance ?? 0 };
  }

  async #pay(customer, { amount, card }) {
    const before = await this.#member(customer);
    const payment = { customer, amount: Number(amount), currency: 'EUR', card };
    const { status } = await this.#call('POST', '/v1/sandbox/payments', payment);
    const after = await this.#member(customer);
    return { status, points: after.balance - before.balance };
  }

  async #call(method, path, body) {
    const answer = await fetch(this.#laurel + path, {
      method,
      headers: { 'X-Api-Key': this.#key, 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const value = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(value)}`);
    return value;
  }
}

async function form(request) {
  let text = '';
  for await (const part of request) text += part;
  return Object.fromEntries(new URLSearchParams(text));
}

const page = (title, body) => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · Perks</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}
label{display:block;margin:.75rem 0}input{display:block;width:100%;box-sizing:border-box;padding:.5rem;font:inherit}
button{margin-top:1rem;padding:.6rem 1.2rem;font:inherit}#points{font-size:2rem;font-weight:700}</style>
<main><h1>${title}</h1>${body}</main></html>`;

const signUp = (ref, click) => `<form method="post">
<label>Name <input name="name" required></label>
<label>Email <input name="email" type="email" required></label>
<label>Invitation code <input name="code" value="${escape(ref)}"></label>
<input type="hidden" name="click" value="${escape(click)}">
<button>Create account</button></form>`;

const account = ({ customer, balance }) => `<p>${escape(customer)}</p><p id="points">${balance} points</p>
<form method="post" action="/checkout">
<label>Card <input name="card" value="4242 4242 4242 4242"></label>
<label>Amount in cents <input name="amount" value="2500"></label>
<button>Pay</button></form>`;
