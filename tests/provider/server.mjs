// A provider of identities for tests: oauth2-mock-server made strict, GitHub's endpoints beside it, faults on demand.
// Prints its URL when it is ready. `settings` say what it does, and /_control changes them; see tests/provider.

import { createHash, createHmac, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import express from "express";
import { OAuth2Issuer, OAuth2Service } from "oauth2-mock-server";

const CLIENT_ID = process.env.CLIENT_ID;
const CLIENT_SECRET = process.env.CLIENT_SECRET;

const DEFAULTS = {
  claims: { sub: "248289761001", name: "Ada Lovelace", given_name: "Ada", family_name: "Lovelace",
            preferred_username: "ada", email: "ada@example.com", email_verified: true },
  id_token: {}, // claims that override the true ones; null leaves one out
  signature: "true", // or "none", "HS256" (by the client's secret), "foreign" (by another key of the same kid)
  userinfo: null, // instead of the claims
  discovery: {}, // members that override the true ones
  denial: null, // the error that /authorize answers with instead of a code
  faults: {}, // path → {delay: seconds, hang_up: true, drip: true, status, headers, body, bytes: to pad the body to}
  github_user: { id: 583231, login: "octocat", name: "The Octocat" },
  github_emails: [{ email: "old@example.com", primary: false, verified: true },
                  { email: "octocat@example.com", primary: true, verified: true }],
};

let settings, calls, grants, accessTokens, firstKey, service;

const seconds = () => Math.floor(Date.now() / 1000);
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const s256 = (verifier) => createHash("sha256").update(verifier ?? "").digest("base64url");

async function rotate(algorithm, key) {
  const issuer = new OAuth2Issuer();
  issuer.url = url;
  if (key) await issuer.keys.add(key);
  else await issuer.keys.generate(algorithm);
  service = new OAuth2Service(issuer);
  service.on("beforeTokenSigning", (token) => {
    if (!("aud" in token.payload)) return; // an access token
    Object.assign(token.payload, settings.claims, settings.id_token);
    for (const [name, value] of Object.entries(token.payload)) if (value === null) delete token.payload[name];
  });
  service.on("beforeResponse", (response) => {
    accessTokens.add(response.body.access_token);
    if (settings.signature !== "true") response.body.id_token = signedWrongly(response.body.id_token);
  });
  service.on("beforeUserinfo", (response) => {
    response.body = settings.userinfo ?? settings.claims;
  });
}

function signedWrongly(token) {
  const [header, payload] = token.split(".");
  const { kid } = JSON.parse(Buffer.from(header, "base64url"));
  if (settings.signature === "none") return `${base64url({ alg: "none", kid })}.${payload}.`;
  const input = settings.signature === "HS256" ? `${base64url({ alg: "HS256", kid })}.${payload}` : `${header}.${payload}`;
  const signature = settings.signature === "HS256"
    ? createHmac("sha256", CLIENT_SECRET).update(input).digest("base64url")
    : sign("sha256", Buffer.from(input), generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey).toString("base64url");
  return `${input}.${signature}`;
}

function reset() {
  [settings, calls, grants, accessTokens] = [structuredClone(DEFAULTS), {}, new Map(), new Set()];
  return rotate("RS256", firstKey);
}

// Keeps what a code was given for, or answers that the request is not one that may get a code.
function authorize(request, response, next) {
  const { client_id, redirect_uri, state, response_type, code_challenge, code_challenge_method } = request.query;
  if (client_id !== CLIENT_ID || response_type !== "code" || code_challenge_method !== "S256" || !code_challenge)
    return response.status(400).json({ error: "invalid_request" });
  const target = new URL(redirect_uri);
  if (settings.denial) {
    target.search = new URLSearchParams({ error: settings.denial, state });
    return response.redirect(target.href);
  }
  request.grant = { redirect_uri, code_challenge };
  next();
}

// Takes a code from its grant, once. Answers why not, in the words of RFC 6749.
function refusal(request) {
  const [, basic] = /^Basic (.+)$/.exec(request.headers.authorization ?? "") ?? [];
  const [id, secret] = basic
    ? Buffer.from(basic, "base64").toString().split(":").map((half) => decodeURIComponent(half.replaceAll("+", " ")))
    : [request.body.client_id, request.body.client_secret];
  if (id !== CLIENT_ID || secret !== CLIENT_SECRET) return "invalid_client";
  if (request.body.grant_type !== "authorization_code") return "unsupported_grant_type";
  const grant = grants.get(request.body.code);
  grants.delete(request.body.code);
  const fits = grant?.redirect_uri === request.body.redirect_uri && grant?.code_challenge === s256(request.body.code_verifier);
  return fits ? null : "invalid_grant";
}

function bearer(request, response, next) {
  const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  accessTokens.has(token) ? next() : response.status(401).json({ error: "invalid_token" });
}

const app = express();
app.disable("x-powered-by");

app.post("/_control", express.json(), (request, response) => response.json(Object.assign(settings, request.body)));
app.delete("/_control", async (_request, response) => response.json(await reset()));
app.post("/_control/rotate", express.json(), async (request, response) => response.json(await rotate(request.body.algorithm)));
app.get("/_control/calls", (_request, response) => response.json(calls));

app.use(async (request, response, next) => {
  calls[request.path] = (calls[request.path] ?? 0) + 1;
  const { delay, hang_up, drip, status, headers, body, bytes } = settings.faults[request.path] ?? {};
  if (delay) await new Promise((resolve) => setTimeout(resolve, delay * 1000));
  if (hang_up) return request.socket.destroy();
  if (drip) return void setInterval(() => response.write(" "), 200);
  if (status) return response.status(status).set(headers ?? {}).send(bytes ? JSON.stringify(body).padEnd(bytes) : body);
  next();
});

app.get("/.well-known/openid-configuration", (_request, response) => response.json({
  issuer: url,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
  userinfo_endpoint: `${url}/userinfo`,
  jwks_uri: `${url}/jwks`,
  token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
  ...settings.discovery,
}));
app.get("/authorize", authorize, (request, _response, next) => {
  service.once("beforeAuthorizeRedirect", ({ url }) => grants.set(url.searchParams.get("code"), request.grant));
  next();
});
app.post("/token", express.urlencoded({ extended: false }), (request, response, next) => {
  const error = refusal(request);
  if (error) return response.status(error === "invalid_client" ? 401 : 400).json({ error });
  request.body.client_id = CLIENT_ID; // the library does not decode that of basic authentication
  delete request.headers.authorization;
  next();
});
app.get("/userinfo", bearer);

app.get("/login/oauth/authorize", authorize, (request, response) => {
  const code = randomUUID().replaceAll("-", "").slice(0, 20);
  grants.set(code, request.grant);
  const target = new URL(request.query.redirect_uri);
  target.search = new URLSearchParams({ code, state: request.query.state });
  response.redirect(target.href);
});
app.post("/login/oauth/access_token", express.urlencoded({ extended: false }), (request, response) => {
  // GitHub wants no grant type, tells of every error with status 200, and speaks JSON to whom asks for it only.
  const error = refusal({ headers: {}, body: { ...request.body, grant_type: "authorization_code" } });
  const names = { invalid_grant: "bad_verification_code", invalid_client: "incorrect_client_credentials" };
  const access_token = `gho_${randomUUID().replaceAll("-", "")}`;
  if (!error) accessTokens.add(access_token);
  const body = error ? { error: names[error] } : { access_token, token_type: "bearer", scope: "user:email" };
  request.accepts(["urlencoded", "json"]) === "json" ? response.json(body) : response.send(`${new URLSearchParams(body)}`);
});
app.get(["/user", "/api/v3/user"], bearer, (_request, response) => response.json(settings.github_user));
app.get(["/user/emails", "/api/v3/user/emails"], bearer, (_request, response) => response.json(settings.github_emails));

app.use((request, response, next) => service.requestHandler(request, response, next));

let url;
const server = app.listen(0, "127.0.0.1", async () => {
  url = `http://127.0.0.1:${server.address().port}`;
  firstKey = await new OAuth2Issuer().keys.generate("RS256");
  await reset();
  console.log(url);
});
