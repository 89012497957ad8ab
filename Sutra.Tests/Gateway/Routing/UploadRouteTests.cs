using Microsoft.AspNetCore.Http;
using Sutra.Gateway.Routing;

namespace Sutra.Tests.Gateway.Routing;

[TestClass]
public sealed class UploadRouteTests
{
    [TestMethod]
    [DataRow("POST", "/api/collections/notes/import", true)]
    [DataRow("POST", "/API/Collections/notes/Import/", true)]
    [DataRow("POST", "/api/jobs", true)]
    [DataRow("GET", "/api/collections/notes/import", false)]
    [DataRow("POST", "/api/collections/import", false)]
    [DataRow("POST", "/api/collections/notes/import/more", false)]
    [DataRow("POST", "/api/collections", false)]
    public void Bodies_of_any_size_go_where_the_api_reads_them_as_they_come(string method, string path, bool isUpload)
    {
        var context = new DefaultHttpContext { Request = { Method = method, Path = path } };
        Assert.AreEqual(isUpload, Routes.IsUpload(context.Request));
    }
}
