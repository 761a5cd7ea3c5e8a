// An identity provider for tests: whoever comes is who `/who` was told last, with those roles. Loopback only.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port, redirect, secret] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
let who = { account: "somebody", roles: [] };

const provider = new Provider(issuer, {
  clients: [{
    client_id: "almoner", client_secret: secret, redirect_uris: [redirect], response_types: ["code"],
    grant_types: ["authorization_code"], token_endpoint_auth_method: "client_secret_post",
  }],
  claims: { openid: ["sub", "roles"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: [secret], long: { signed: true }, short: { signed: true } },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, roles: who.roles }) }),
  async loadExistingGrant(context) {
    const grant = new provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
    grant.addOIDCScope("openid");
    await grant.save();
    return grant;
  },
});
const answer = provider.callback();

createServer((request, response) => {
  if (request.url === "/who" && request.method === "POST") {
    let body = "";
    request.on("data", (part) => { body += part; });
    request.on("end", () => { who = JSON.parse(body); response.end("ok"); });
  } else if (request.url.startsWith("/interaction/")) {
    provider.interactionFinished(request, response, { login: { accountId: who.account } }, { mergeWithLastSubmission: false })
      .catch(() => { response.statusCode = 500; response.end(); });
  } else {
    answer(request, response);
  }
}).listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));
