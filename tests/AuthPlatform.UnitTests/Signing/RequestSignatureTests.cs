using System.Buffers;
using System.Text;
using System.Text.Json;
using AuthPlatform.Contracts.Signing;

namespace AuthPlatform.UnitTests.Signing;

public sealed class RequestSignatureTests
{
    public static TheoryData<string> V1Names => [.. RequestSigningVectors.V1.Select(v => v.Text("name"))];

    public static TheoryData<string> V2Names => [.. RequestSigningVectors.V2.Select(v => v.Text("name"))];

    [Theory, MemberData(nameof(V1Names))]
    public void V1_KnownAnswer_IsReproduced(string name)
    {
        var vector = RequestSigningVectors.V1.Single(v => v.Text("name") == name);
        Assert.Equal(vector.Text("signature"), RequestSignatureV1.Sign(vector.Text("secret"), vector.Body()));
    }

    [Theory, MemberData(nameof(V2Names))]
    public void V2_KnownAnswer_IsReproduced(string name)
    {
        var vector = RequestSigningVectors.V2.Single(v => v.Text("name") == name);
        Assert.Equal(vector.Text("signature"), RequestSignatureV2.Sign(vector.Text("secret"), Parts(vector), vector.Body()));
    }

    [Theory, MemberData(nameof(V2Names))]
    public void V2_BytesToSign_AreTheStringToSign(string name)
    {
        var vector = RequestSigningVectors.V2.Single(v => v.Text("name") == name);
        var bytes = RequestSignatureV2.RentBytesToSign(Parts(vector), vector.Body());
        Assert.Equal(vector.Text("string_to_sign"), Encoding.UTF8.GetString(bytes));
        ArrayPool<byte>.Shared.Return(bytes.Array!);
    }

    private static RequestSignatureV2.Parts Parts(JsonElement vector) =>
        new(vector.Text("method"), vector.Text("path"), vector.Text("query"), vector.Text("timestamp"), vector.Text("nonce"), vector.Text("client_id"));
}
