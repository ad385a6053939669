/** A person who works in both emulated CRMs: a user of the one, an owner in the other. */
export interface SalesPerson {
  readonly firstName: string
  readonly lastName: string
  readonly email: string
}

const salesPerson = (firstName: string, lastName: string): SalesPerson => ({
  firstName,
  lastName,
  email: `${firstName}.${lastName}@sandbox.example.com`.toLowerCase(),
})

/** Those whom Salesforce and HubSpot both know, by the same address. */
export const SALES_PEOPLE = {
  rep1: salesPerson('Alex', 'Rivera'),
  rep2: salesPerson('Sam', 'Okafor'),
  manager: salesPerson('Kim', 'Larsson'),
} as const satisfies Readonly<Record<string, SalesPerson>>
