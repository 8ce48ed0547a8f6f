using AuthPlatform.IntegrationTests;
using AuthPlatform.IntegrationTests.Infrastructure;

// One running platform serves all tests that leave it as it is; those that stop stores start their own.
[assembly: AssemblyFixture(typeof(AuthPlatformFixture))]

[assembly: TestCollectionOrderer(typeof(LongOnesFirst))]
