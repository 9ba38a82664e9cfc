// Answers requests over a line protocol: one JSON object a line comes in, and for each that asks one goes out.
//
// The evaluator is a package of others (npm @cloud-copilot/iam-simulate). It stands in the folder that the first argument names, and runs
// in this process only: nothing of it is part of ours.
//
//   {"document": TEXT}                      a policy; they are numbered from nought
//   {"principal", "action", "resource", "account", "context", "identity": [N…], "policy": N | null, "endpoint": N | null, "checked"}
//
// The core takes every document and every key as it is given. The checking entry looks actions, resources and keys up in tables of its
// own first and says what it does not find: it is asked besides, where `checked` says so.

import { createInterface } from 'node:readline'

const root = `${process.argv[2]}/node_modules/@cloud-copilot`
const core = `${root}/iam-simulate/dist/esm`
const { loadPolicy } = await import(`${root}/iam-policy/dist/esm/index.js`)
const { runSimulation } = await import(`${core}/index.js`)
const { authorize } = await import(`${core}/core_engine/CoreSimulatorEngine.js`)
const { AwsRequestImpl } = await import(`${core}/request/request.js`)
const { RequestContextImpl } = await import(`${core}/requestContext.js`)
const { DiscoveryContextKeyConstraints } = await import(`${core}/context_keys/discoveryContextKeyConstraints.js`)

// What every account has where nobody narrows it.
const everything = loadPolicy(
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] },
  { name: 'everything' }
)
const strict = { simulationMode: 'Strict', discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([]) }
const written = []
const loaded = []

function decided(asked) {
  const resource = { resource: asked.resource, accountId: asked.account }
  const context = new RequestContextImpl(asked.context)
  return authorize({
    request: new AwsRequestImpl(asked.principal, resource, asked.action, context),
    sessionPolicy: undefined,
    identityPolicies: asked.identity.map((at) => loaded[at]),
    serviceControlPolicies: [],
    resourceControlPolicies: [{ orgIdentifier: 'everything', policies: [everything] }],
    resourcePolicy: asked.policy === null ? undefined : loaded[asked.policy],
    permissionBoundaries: undefined,
    vpcEndpointPolicies: asked.endpoint === null ? undefined : [loaded[asked.endpoint]],
    simulationParameters: strict,
    serviceSettings: {}
  }).result
}

async function checked(asked) {
  const result = await runSimulation(
    {
      request: {
        principal: asked.principal,
        action: asked.action,
        resource: { resource: asked.resource, accountId: asked.account },
        contextVariables: asked.context
      },
      identityPolicies: asked.identity.map((at) => ({ name: `document ${at}`, policy: written[at] })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: asked.policy === null ? undefined : written[asked.policy],
      vpcEndpointPolicies:
        asked.endpoint === null ? undefined : [{ name: 'endpoint', policy: written[asked.endpoint] }]
    },
    {}
  )
  if (result.resultType === 'error') {
    return { refused: result.errors.message, why: JSON.stringify(result.errors) }
  }
  return { result: result.overallResult, ignored: result.result?.ignoredContextKeys ?? [] }
}

async function answered(asked) {
  try {
    const answer = { result: decided(asked) }
    return asked.checked ? { ...answer, checked: await checked(asked) } : answer
  } catch (error) {
    return { result: `fails: ${error.message}` }
  }
}

let answers = []
for await (const line of createInterface({ input: process.stdin })) {
  const said = JSON.parse(line)
  if (said.document !== undefined) {
    written.push(JSON.parse(said.document))
    loaded.push(loadPolicy(written.at(-1), { name: `document ${loaded.length}` }))
    continue
  }
  answers.push(JSON.stringify(await answered(said)))
  if (answers.length === 1000) {
    process.stdout.write(`${answers.join('\n')}\n`)
    answers = []
  }
}
process.stdout.write(answers.map((answer) => `${answer}\n`).join(''))
