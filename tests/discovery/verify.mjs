// Verifies tokens as a Node.js API would, by aws-jwt-verify as it comes: once with the keys at the place where it looks
// by itself, and once with those at the place that the issuer's metadata names.

import { JwtVerifier } from "aws-jwt-verify";

const { issuer, audience, tokens } = JSON.parse(process.argv[2]);

async function judged(verifier, token) {
  try {
    return { claims: await verifier.verify(token) };
  } catch (error) {
    return { error: error.constructor.name };
  }
}

async function judgedAll(options) {
  const verifier = JwtVerifier.create({ issuer, audience, ...options });
  const judgements = [];
  for (const token of tokens) judgements.push(await judged(verifier, token));
  return judgements;
}

const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
const { jwks_uri: jwksUri } = await answer.json();
console.log(JSON.stringify([await judgedAll({}), await judgedAll({ jwksUri })]));
